"""The JSON API by which one is a customer."""
