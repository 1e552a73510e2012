"""Makes a smaller form of an installed language model on this machine, and adds it beside the original."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from desktop_app.domain.model_forms import MADE, without_form
from desktop_app.domain.model_specs import FetchProgress, InstalledModel
from desktop_app.errors import UserCanFix
from desktop_app.files import disk_errors
from desktop_app.ports import CancelToken
from desktop_app.services.model_import import Wanted


class Quantizer(Protocol):
    """An engine in a child of its own: `close` ends it in the middle of its work."""

    def quantize(self, source: str, target: str, kind: str, cancel: CancelToken) -> Iterator[int]: ...

    def close(self) -> None: ...


class ModelShrink:
    def __init__(
        self,
        quantizer: Quantizer,
        find: Callable[[str], InstalledModel],
        add: Callable[[Wanted], InstalledModel],
        store: Path,
    ) -> None:
        self._quantizer = quantizer
        self._find = find
        self._add = add
        self._store = store

    def shrink(self, model_id: str, kind: str, cancel: CancelToken) -> Iterator[FetchProgress | InstalledModel]:
        """Progress, then the new model. Raises UserCanFix, Cancelled, AppError."""
        found = self._find(model_id)
        if found.role != "language" or kind not in MADE:
            raise UserCanFix(
                "models.no_such_form",
                f"There is no form {kind} of {model_id}.",
                remedy=f"Choose a language model and one of: {', '.join(MADE)}.",
            )
        source = Path(found.path)
        with (
            disk_errors(self._store),
            tempfile.TemporaryDirectory(prefix=".shrinking-", dir=self._store) as scratch,
        ):
            target = Path(scratch) / f"{without_form(source.stem)}.{kind}.gguf"
            try:
                for done in self._quantizer.quantize(str(source), str(target), kind, cancel):
                    yield FetchProgress(model_id=model_id, stage="converting", done=done, total=found.bytes)
            finally:
                self._quantizer.close()
            yield self._add(Wanted(path=target, made_from=found.sha256))
