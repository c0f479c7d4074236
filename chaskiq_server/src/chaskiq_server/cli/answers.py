"""What a command says: a JSON document on stdout, sentences for people on stderr."""

import json
import sys

import typer

from chaskiq_core.errors import ChaskiqError


class RefusedError(ChaskiqError):
    """A provider, the database or the network refused: one sentence, exit 1."""


def show(document: object) -> None:
    """Print one JSON document, on one line unless a person reads it."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def tell(sentence: str) -> None:
    """Say something beside the data."""
    typer.echo(f"chaskiq: {sentence}", err=True)
