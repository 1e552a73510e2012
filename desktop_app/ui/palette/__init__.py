"""Everything one can do, by typing a few letters of it; and the page of shortcuts."""
