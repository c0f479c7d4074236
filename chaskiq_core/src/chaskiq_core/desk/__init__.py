"""What a door may ask, one act each: check the permission, find, call the room, return a view."""

from chaskiq_core.desk.conversations import assign, close, inbox, parts, reopen, show, snooze, start
from chaskiq_core.desk.permissions import ACTS, Act, Permission
from chaskiq_core.desk.writing import delete, edit, reply, typing

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
    "snooze",
    "start",
    "typing",
]
