"""Plugins: found, checked, called."""
