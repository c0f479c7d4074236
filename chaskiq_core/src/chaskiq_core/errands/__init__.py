"""Jobs that have come due."""
