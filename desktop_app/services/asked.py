"""What a model was asked when it gave a stored answer."""

from __future__ import annotations

from desktop_app.domain.messages import Message, said
from desktop_app.domain.prompting import as_prompt, notes
from desktop_app.services.history import History


def what_was_asked(history: History, conversation_id: str, answer_id: str, instructions: str) -> tuple[Message, ...]:
    """From where the model's memory began, the question last. `instructions` where the answer does not tell its own."""
    answer = history.message(answer_id)
    path = history.path(conversation_id, upto=answer.parent_id)
    made = answer.provenance
    begin = next((at for at, message in enumerate(path) if message.id == made.first_kept_id), 0)
    turns = (as_prompt(each, notes(made.evidence)) for each in path[begin:] if each.role == "user" or each.text)
    return said("system", made.instructions or instructions), *turns
