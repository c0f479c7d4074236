"""The reference server: doors to the desk, nothing else."""
