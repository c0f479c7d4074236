"""Parts on their way to channels."""
