"""A number for each process that opens the database, so that two of them never give the same row id."""

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, text

_TAKE = text(
    """
    INSERT INTO chaskiq_meta (name, number, text) VALUES ('node', 1, '')
    ON CONFLICT (name) DO UPDATE SET number = chaskiq_meta.number + 1
    RETURNING number
    """
)
_EPOCH = text("INSERT INTO chaskiq_meta (name, number, text) VALUES ('epoch', 0, :epoch) ON CONFLICT (name) DO NOTHING")
_READ_EPOCH = text("SELECT text FROM chaskiq_meta WHERE name = 'epoch'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What a process is told when it opens a database."""

    number: int
    """Its own."""
    epoch: str
    """The database's: clients know by it whether their history is of this one."""


def take_node(connection: Connection) -> Node:
    """The next node number, and the epoch; a new database gets one."""
    connection.execute(_EPOCH, {"epoch": secrets.token_hex(8)})
    number: int = connection.execute(_TAKE).scalar_one()
    epoch: str = connection.execute(_READ_EPOCH).scalar_one()
    return Node(number=number, epoch=epoch)
