"""Apps, agents and their tokens."""
