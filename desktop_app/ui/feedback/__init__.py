"""Ratings on screen: under answers, on their page, and what was learned from them."""
