"""The page of models: what is here, what could be fetched, and whether it fits."""
