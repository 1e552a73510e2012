"""Push to talk and reading aloud, as the window shows them."""
