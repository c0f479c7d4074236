"""What people do, and the JSON API through which they do it."""
