"""The page About: what this is, and everything it is made of."""
