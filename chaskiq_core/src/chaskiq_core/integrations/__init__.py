"""Installed channels: their rows and their settings."""
