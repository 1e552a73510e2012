"""Makes `usage_NNN.db` of the present schema: `python -m tests.data.golden.make_usage`.

A released file is never made anew.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from desktop_app.domain.surveys import Asked
from desktop_app.storage import usage_rows
from desktop_app.storage.usage_file import MIGRATIONS, UsageFile
from tests.unit.usage_kit import recording

FOLDER = Path(__file__).resolve().parent
SEQ = Asked(instrument="seq", day=739_990, outcome="answered", task="ask", items=(6,), score=6.0)


def golden(schema: int) -> Path:
    return FOLDER / f"usage_{schema:03}.db"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with recording(folder, "surveys") as (usage, _):
            usage.record("chat.sent", way="typed", pictures=2)
            usage.record("ui.stall", surface="settings", ms=240)
            usage.flush()
            with UsageFile(folder / "usage.db").write() as connection:
                usage_rows.add_asked(connection, SEQ)
            usage.save_export(usage.export(), folder / "export.jsonl")
        shutil.copyfile(folder / "usage.db", golden(len(MIGRATIONS)))


if __name__ == "__main__":
    main()
