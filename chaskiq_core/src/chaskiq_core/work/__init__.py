"""Workers and what wakes them."""
