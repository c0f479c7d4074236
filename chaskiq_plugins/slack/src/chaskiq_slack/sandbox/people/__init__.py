"""What people do in the sandbox's Slack, as a JSON API."""
