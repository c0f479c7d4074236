"""Updates on their way to a webhook."""
