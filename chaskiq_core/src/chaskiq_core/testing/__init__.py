"""What a plugin's author tests with: the base that every sandbox stands on. Imported by tests and sandboxes only."""
