"""Who comes in, and where the server may be sent."""
