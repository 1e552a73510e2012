"""The Personalize page: from ratings to an adapter that the person has seen judged, compared, and can undo."""
