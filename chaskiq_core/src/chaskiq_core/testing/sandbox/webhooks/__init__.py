"""Webhooks on their way from a sandbox to whoever registered for them."""
