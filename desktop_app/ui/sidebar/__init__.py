"""The list of conversations, the search over all messages, and the way to the settings."""
