"""Ratings out to a file and in from one. The file that is written appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

from desktop_app.domain.feedback import OpinionFilter
from desktop_app.domain.opinion_lines import line_of, opinions_in
from desktop_app.errors import UserCanFix
from desktop_app.files import disk_errors, sync_file
from desktop_app.services.feedback import EVERYTHING, FeedbackService

MOST_BYTES = 200 * 1024 * 1024


def export_to(feedback: FeedbackService, path: Path, wanted: OpinionFilter = EVERYTHING) -> int:
    """Write what the filter lets through as JSON lines, oldest first; returns how many. Raises AppError."""
    lines = [line_of(opinion) + "\n" for opinion in reversed(feedback.list(wanted))]
    part = path.with_name(path.name + ".part")
    with disk_errors(path.parent):
        with part.open("w", encoding="utf-8") as out:
            out.writelines(lines)
        sync_file(part)
        part.replace(path)
    return len(lines)


def import_from(feedback: FeedbackService, path: Path) -> int:
    """Take over every line that is not here yet; returns how many. All or nothing. Raises UserCanFix."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserCanFix(
                "feedback.too_large",
                f"This file is larger than {MOST_BYTES // 2**20} MiB.",
                remedy="Split it into smaller ones.",
            )
        with path.open(encoding="utf-8-sig") as lines:
            return feedback.add_imported(opinions_in(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise UserCanFix(
            "feedback.no_file",
            "This file cannot be read.",
            remedy="Choose a file of ratings in JSON lines (UTF-8).",
            detail=str(error),
        ) from error
