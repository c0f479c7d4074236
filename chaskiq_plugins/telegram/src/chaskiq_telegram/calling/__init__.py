"""Calls of the Bot API: how they go out, what they carry, what their answers mean."""
