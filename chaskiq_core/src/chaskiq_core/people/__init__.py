"""Contacts: who they are, what they have read."""
