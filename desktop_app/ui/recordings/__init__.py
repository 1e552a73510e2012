"""The page of kept recordings."""
