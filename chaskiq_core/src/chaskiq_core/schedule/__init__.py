"""A clock struck."""
