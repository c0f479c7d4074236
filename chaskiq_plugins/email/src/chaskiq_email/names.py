"""The Message-ID of what we send: made from the piece's own name, so that each attempt has the same, and read back."""

import re

_OURS = re.compile(r"([A-Za-z0-9]{16,40}-\d{1,3}|[a-z]{2,12}-[A-Za-z0-9]{16,40})\.chaskiq")


def message_id_for(piece_key: str, from_address: str) -> str:
    """The id without its brackets."""
    return f"{piece_key}.chaskiq@{_domain(from_address)}"


def attempt_of(message_id: str, from_address: str) -> str | None:
    """The piece's name in an id of ours; None for another's."""
    name, _, domain = message_id.rpartition("@")
    if domain.lower() != _domain(from_address):
        return None
    found = _OURS.fullmatch(name)
    return found.group(1) if found else None


def _domain(from_address: str) -> str:
    return from_address.rpartition("@")[2].lower()
