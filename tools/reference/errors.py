"""The page of errors: their tree, and what each says."""

import inspect

from chaskiq_core import errors
from tools.reference.made import MADE


def errors_page() -> str:
    """The tree of errors, and what each says."""
    tree = (errors.__doc__ or "").split("\n\n", 1)[1].rstrip()
    lines = ["# Errors", "", MADE, (errors.__doc__ or "").splitlines()[0], "", "```text", tree, "```", ""]
    for name, error in inspect.getmembers(errors, inspect.isclass):
        if issubclass(error, errors.ChaskiqError):
            lines += [f"- **{name}:** {' '.join((inspect.getdoc(error) or '').split())}"]
    return "\n".join(lines) + "\n"
