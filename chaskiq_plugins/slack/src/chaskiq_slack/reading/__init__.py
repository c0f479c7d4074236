"""What Slack tells, read into the core's values; pure."""
