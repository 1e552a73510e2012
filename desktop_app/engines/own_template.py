"""A model file's own chat template: code from a stranger, run in a process that can be thrown away.

The process holds Jinja's sandbox, little memory and no patience: a template that takes more than `PATIENCE_S` or
more than `MEMORY_BYTES` loses its process, and the caller gets an error instead of a prompt.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any

from desktop_app.errors import UserCanFix
from desktop_app.frozen import part_command

PATIENCE_S = 2.0
START_S = 20.0
MEMORY_BYTES = 512 * 1024 * 1024
MOST_TEMPLATE = 64 * 1024
MOST_PROMPT = 8 * 1024 * 1024


class OwnTemplate:
    """`template` is the file's text; `special` its named tokens ("bos_token", "eos_token")."""

    def __init__(self, template: str, special: Mapping[str, str]) -> None:
        self._template = template
        self._special = dict(special)
        self._process: subprocess.Popen[bytes] | None = None

    def render(self, messages: Sequence[tuple[str, str]]) -> str:
        """The prompt for (role, text) messages. Raises UserCanFix("models.template")."""
        if len(self._template) > MOST_TEMPLATE:
            raise _refused("the template is too long")
        process = self._running()
        request = {
            "template": self._template,
            "messages": [{"role": role, "content": text} for role, text in messages],
            "special": self._special,
        }
        answer = self._asked(process, json.dumps(request).encode() + b"\n", PATIENCE_S)
        if "text" not in answer:
            raise _refused(str(answer.get("error", "")))
        return str(answer["text"])

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                part_command("desktop_app.engines.own_template"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._asked(self._process, b"{}\n", START_S)
        return self._process

    def _asked(self, process: subprocess.Popen[bytes], line: bytes, patience_s: float) -> dict[str, Any]:
        """One line to the process, one line back; no line in time ends the process."""
        assert process.stdin is not None and process.stdout is not None
        alarm = threading.Timer(patience_s, process.kill)
        alarm.start()
        try:
            process.stdin.write(line)
            process.stdin.flush()
            answer = json.loads(process.stdout.readline(MOST_PROMPT * 8))
        except (OSError, ValueError):
            self.close()
            raise _refused("the template took too long or too much memory") from None
        finally:
            alarm.cancel()
        return answer if isinstance(answer, dict) else {}


def _refused(detail: str) -> UserCanFix:
    return UserCanFix(
        "models.template",
        "This model's own way to write a conversation does not work.",
        remedy="Choose another model.",
        detail=detail,
    )


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """The throw-away process: a JSON line in, a JSON line out."""
    _limit()
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = lambda _format: ""
    for line in requests:
        request = json.loads(line)
        answers.write(json.dumps(_answer(environment, request) if request else {}).encode() + b"\n")
        answers.flush()


def _answer(environment: Any, request: dict[str, Any]) -> dict[str, str]:
    try:
        template = environment.from_string(request["template"])
        pieces, length = [], 0
        for piece in template.generate(
            messages=request["messages"], add_generation_prompt=True, tools=None, **request["special"]
        ):
            pieces.append(piece)
            length += len(piece)
            if length > MOST_PROMPT:
                return {"error": "the prompt is too long"}
        return {"text": "".join(pieces)}
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        return {"error": f"{type(error).__name__}: {error}"[:500]}


def _raise(message: str) -> None:
    raise ValueError(message)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows: the clock alone
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
