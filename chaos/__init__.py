"""The fault campaign: real processes are killed under load, and an oracle counts; `python -m chaos --help`."""
