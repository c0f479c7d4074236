"""The seam: calls, units, both databases, ledgers, lanes, changes."""
