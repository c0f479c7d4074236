"""The agent page: where a support agent works in a browser, until the dashboard comes."""
