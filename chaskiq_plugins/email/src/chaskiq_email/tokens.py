"""The token in a reply address: which conversation an answer belongs to, and to whom we gave it."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

MARK = "+conv-"
MAX_LOCAL_PART = 64
SIGNATURE_CHARACTERS = 12
_KEY = re.compile(r"[A-Za-z0-9]{16,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token proves."""

    conversation: str
    """The conversation's key."""
    agent: str | None = None
    """The agent's address, where it was given to an agent; None: to a contact."""


def reply_address(address: str, conversation: str, *, secret: str, agent: str | None = None) -> str | None:
    """Our address with a token for that conversation; None where it would be too long, or the key is none.

    A token for an agent counts only in a mail from the agent's own address.
    """
    local, _, domain = address.partition("@")
    if not _KEY.fullmatch(conversation):
        return None
    token = conversation + _signature(conversation, secret, agent)
    tokened = f"{local}{MARK}{token}"
    return f"{tokened}@{domain}" if len(tokened) <= MAX_LOCAL_PART else None


def read_token(addresses: Iterable[str], sender: str, *, address: str, secret: str) -> Token | None:
    """The token in the first of these addresses that is ours with one; None without, or if it is not our own."""
    for token in tokens_in(addresses, address=address):
        conversation, signature = token[:-SIGNATURE_CHARACTERS], token[-SIGNATURE_CHARACTERS:]
        if not _KEY.fullmatch(conversation):
            continue
        for agent in (None, sender.lower()):
            if hmac.compare_digest(signature.encode(), _signature(conversation, secret, agent).encode()):
                return Token(conversation=conversation, agent=agent)
    return None


def tokens_in(addresses: Iterable[str], *, address: str) -> list[str]:
    """The tokens in addresses of ours, whoever made them."""
    local, _, domain = address.lower().partition("@")
    found = []
    for one in addresses:
        name, _, host = one.partition("@")
        begin, mark, token = name.partition(MARK)
        if mark and begin.lower() == local and host.lower() == domain and token:
            found.append(token)
    return found


def _signature(conversation: str, secret: str, agent: str | None) -> str:
    said = f"chaskiq reply token\n{conversation}\n{'contact' if agent is None else f'agent {agent.lower()}'}"
    digest = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()
    # Letters and digits alone: some mailers split addresses at anything else.
    return base64.urlsafe_b64encode(digest).decode().replace("-", "x").replace("_", "y")[:SIGNATURE_CHARACTERS]
