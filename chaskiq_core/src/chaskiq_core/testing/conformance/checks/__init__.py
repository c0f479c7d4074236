"""The rules, a file per thing that they are about."""
