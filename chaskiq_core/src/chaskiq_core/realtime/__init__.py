"""Streams and the buses that carry them."""
