"""Asks a starter model the gate's fixed questions once, for `models/gates/base`: `python packaging/gate_base.py MODEL`.

Without that file the first judgement on a computer takes about twice as long. To be run again after a change of
`models/gates`; the numbers differ little between processors.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from desktop_app.domain.training import Recipe  # noqa: E402
from desktop_app.engines.host import EngineHost  # noqa: E402
from desktop_app.engines.hosted import HostedLanguageModel  # noqa: E402
from desktop_app.files import sha256_of  # noqa: E402
from desktop_app.paths import places  # noqa: E402
from desktop_app.ports import CancelToken  # noqa: E402
from desktop_app.services.evaluation import EvaluationService  # noqa: E402

FOLDER = ROOT / "models" / "gates" / "base"


def main() -> int:
    path = next((places().models / sys.argv[1]).glob("*.gguf"))
    digest = sha256_of(path)
    options = {"model_path": str(path), "sha256": digest, "name": sys.argv[1], "context_tokens": 2048, "threads": 1}
    model = HostedLanguageModel(EngineHost("model", "desktop_app.engines.llama:LlamaModel", options))
    for old in FOLDER.glob(f"{digest[:16]}-*"):
        old.unlink()
    seed = Recipe.__dataclass_fields__["seed"].default
    with tempfile.TemporaryDirectory() as folder:
        made = EvaluationService(Path(folder)).ask_base(model, digest, seed, CancelToken())
        values = json.loads(made.read_text(encoding="utf-8"))
        lines = (f"{json.dumps(key)}: {json.dumps(rounded(values[key]))}" for key in sorted(values))
        made.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
        FOLDER.mkdir(exist_ok=True)
        shutil.copy(made, FOLDER / made.name)
    model.close()
    print(f"{made.name}: {len(values)} values")
    return 0


def rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [rounded(each) for each in value]
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return round(value, 5) if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
