"""What the sandbox knows: numbers, people, messages, files, templates."""
