"""Stonechat: a desktop assistant that stays home."""

__version__ = "0.1.0"
