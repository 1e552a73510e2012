"""The rated answers as bare facts for statistics: no text is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from desktop_app.domain.insights import RatedAnswer, Way

_SELECT = """select o.changed_at, o.liked,
    json_extract(o.provenance, '$.model'), json_extract(o.provenance, '$.adapter'),
    json_extract(o.timings, '$.first_token_ms'), json_extract(o.timings, '$.first_audio_ms'), coalesce(q.spoken, 0),
    exists(select 1 from picture_uses p where p.message_seq = q.seq)
    from opinions o left join messages a on a.id = o.answer_id left join messages q on q.id = a.parent_id
    left join conversations c on c.id = o.conversation_id
    where o.kind = 'rating' and o.liked is not null and c.deleted_at is null order by o.seq"""


def rated_answers(connection: sqlite3.Connection) -> Iterator[RatedAnswer]:
    """Oldest first, without those of deleted conversations."""
    for when, liked, model, adapter, first_token_ms, first_audio_ms, spoken, shown in connection.execute(_SELECT):
        way: Way = "picture" if shown else "voice" if spoken else "text"
        yield RatedAnswer(
            when=when,
            liked=bool(liked),
            model=model or "",
            adapter=adapter or "",
            way=way,
            first_token_ms=first_token_ms,
            first_audio_ms=first_audio_ms,
        )
