"""Calls of the Web API: how they go out, what they carry, what their answers mean."""
