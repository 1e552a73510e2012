"""Hands-free conversation, as the window shows it."""
