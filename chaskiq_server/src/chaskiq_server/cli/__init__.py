"""The `chaskiq` command: a file per group of commands."""

from chaskiq_server.cli.command import main, run

__all__ = ["main", "run"]
