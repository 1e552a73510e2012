"""Every rated answer of the stored conversations, for the insights."""

from __future__ import annotations

from desktop_app.domain.insights import RatedAnswer, RatedAnswers
from desktop_app.storage import Database, rated


def rated_answers(database: Database) -> RatedAnswers:
    """Reads them anew at every call. What is called raises AppError."""

    def read() -> tuple[RatedAnswer, ...]:
        with database.read() as connection:
            return tuple(rated.rated_answers(connection))

    return read
