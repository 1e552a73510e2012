"""The settings page, made from the declared settings."""
