"""A provider spoke."""
