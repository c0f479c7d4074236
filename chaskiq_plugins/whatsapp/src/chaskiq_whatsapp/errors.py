"""What Meta's error codes mean."""

from chaskiq_whatsapp.manifest import ERRORS

_CLASSES = {rule.code: rule.error_class for rule in ERRORS}
UNKNOWN_CODE = "content"
"""Of a code that stands in no line of the table: it was refused, and the same again would be."""


def class_of(code: str) -> str:
    """The class of a code."""
    return _CLASSES.get(code, UNKNOWN_CODE)
