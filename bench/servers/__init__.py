"""Servers that the benches ask over HTTP, each in a process of its own that prints its port when it answers."""
