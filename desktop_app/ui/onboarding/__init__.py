"""The three steps of the first start."""
