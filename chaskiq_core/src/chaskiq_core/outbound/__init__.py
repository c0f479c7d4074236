"""A lane has something to send."""
