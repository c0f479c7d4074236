"""Calls of the Graph API: how they go out, what they carry, what their answers mean."""
