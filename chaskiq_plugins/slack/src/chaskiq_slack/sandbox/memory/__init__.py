"""What the sandbox remembers: one SQLite file, a file here for each kind of thing in it."""
