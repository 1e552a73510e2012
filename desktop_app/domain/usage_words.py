"""The words of the registry as a person reads them. The window translates them (context "Usage")."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "conversation": "Conversation",
    "composer": "Writing a question",
    "sidebar": "List of conversations",
    "header": "Line above the conversation",
    "palette": "Command palette",
    "shortcuts": "Keyboard shortcuts",
    "settings": "Settings",
    "welcome": "Welcome and set-up",
    "talk": "Hands-free",
    "notice": "Notices",
    "usage": "What is recorded",
    "insights": "Insights",
    "ratings": "Ratings",
    "learned": "What I learned",
    "personalize": "Personalize",
    "recordings": "Recordings",
    "models": "Models",
    "other": "Elsewhere",
    "typed": "Typed",
    "spoken": "Spoken",
    "text": "Text",
    "voice": "Voice",
    "picture": "Picture",
    "ask": "Ask by text",
    "ask_by_voice": "Ask by voice",
    "ask_about_picture": "Ask about a picture",
    "find_conversation": "Find an old conversation",
    "change_setting": "Change a setting",
    "talk_hands_free": "Talk hands-free",
    "seq": "SEQ (ease of a task)",
    "umux_lite": "UMUX-Lite (usefulness)",
    "sus": "SUS (usability)",
}


def spoken(word: str) -> str:
    """A word of the registry in English; one that is not known stays as it is."""
    return WORDS.get(word, word)
