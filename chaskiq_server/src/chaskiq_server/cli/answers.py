"""What a command says: a JSON document on stdout, sentences for people on stderr."""

import json
import sys

import typer


def show(document: object) -> None:
    """Print one JSON document, on one line unless a person reads it."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def tell(sentence: str) -> None:
    """Say something beside the data."""
    typer.echo(f"chaskiq: {sentence}", err=True)
