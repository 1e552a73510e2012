"""Scripted people try the real window: `python -m usability_tests`."""
