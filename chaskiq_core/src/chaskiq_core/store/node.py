"""A number for each process that opens the database, so that two of them never give the same row id."""

import secrets

from sqlalchemy import Connection, text

_TAKE = text(
    """
    INSERT INTO chaskiq_meta (name, number, text) VALUES ('node', 1, '')
    ON CONFLICT (name) DO UPDATE SET number = chaskiq_meta.number + 1
    RETURNING number
    """
)
_EPOCH = text("INSERT INTO chaskiq_meta (name, number, text) VALUES ('epoch', 0, :epoch) ON CONFLICT (name) DO NOTHING")


def take_node(connection: Connection) -> int:
    """The next node number; also gives a new database its epoch, by which clients know their history is another's."""
    connection.execute(_EPOCH, {"epoch": secrets.token_hex(8)})
    number: int = connection.execute(_TAKE).scalar_one()
    return number
