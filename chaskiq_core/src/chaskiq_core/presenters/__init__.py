"""Rows become views."""
