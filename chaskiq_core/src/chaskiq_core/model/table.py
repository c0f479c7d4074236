"""What all tables share: the metadata, the column types, and the two shapes of a tenant's table."""

import enum
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar, TypeAlias

from sqlalchemy import JSON, BigInteger, DateTime, Enum, ForeignKey, MetaData, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chaskiq_core.model.ids import AppId, AppKey, ConversationKey, PartKey

JsonObject: TypeAlias = Mapping[str, object]
"""A decoded JSON object; whoever reads a value from it narrows it."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC: how SQLite keeps a time."""
    return (moment - EPOCH) // MICROSECOND


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, an integer of microseconds on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> BigInteger | DateTime:
        return BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> object:
        if value is None or dialect.name != "sqlite":
            return value
        return to_micros(value)

    def process_result_value(self, value: object, dialect: Dialect) -> datetime | None:
        if isinstance(value, int):
            return EPOCH + timedelta(microseconds=value)
        return value if isinstance(value, datetime) else None


JSON_TYPE = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Table(DeclarativeBase):
    """The root of all rows; every table is called `chaskiq_…`, since it lives in the embedder's database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        str: Text(),
        int: BigInteger(),
        datetime: UtcDateTime(),
        AppKey: Text(),
        ConversationKey: Text(),
        PartKey: Text(),
        enum.StrEnum: Enum(
            enum.StrEnum, native_enum=False, length=32, values_callable=lambda kind: [member.value for member in kind]
        ),
    }


class TenantTable(Table):
    """A row of one App. The key is (app_id, id), so that a foreign key can't point across Apps."""

    __abstract__ = True

    app_id: Mapped[AppId] = mapped_column(BigInteger, ForeignKey("chaskiq_apps.id"), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
