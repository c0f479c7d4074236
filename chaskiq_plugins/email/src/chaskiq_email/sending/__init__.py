"""Sending a mail: composed, handed to a mail server, and what that says."""
