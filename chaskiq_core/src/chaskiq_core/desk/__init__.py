"""What a door may ask, one act each: check the permission, find, call the room, return a view."""

from chaskiq_core.desk.conversations import (
    assign,
    close,
    delete,
    edit,
    inbox,
    parts,
    reopen,
    reply,
    show,
    start,
    typing,
)
from chaskiq_core.desk.permissions import ACTS, Act, Permission

__all__ = [
    "ACTS",
    "Act",
    "Permission",
    "assign",
    "close",
    "delete",
    "edit",
    "inbox",
    "parts",
    "reopen",
    "reply",
    "show",
    "start",
    "typing",
]
