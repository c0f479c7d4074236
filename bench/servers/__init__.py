"""Servers that the benches ask over HTTP: `serve` says once it answers, and goes on until it is killed."""
