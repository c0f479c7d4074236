"""Reads every statement that tests emit, at the driver: a tenant table without `app_id` is a hole between Apps."""

from functools import lru_cache

import sqlglot
from sqlglot import exp

from chaskiq_core.model import Table

TENANT_TABLES = frozenset(name for name, table in Table.metadata.tables.items() if "app_id" in table.columns)
NOT_DATA = ("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "--", "SET ", "SHOW ")


@lru_cache(maxsize=20_000)
def hole_in(statement: str, dialect: str) -> str | None:
    """Which tenant table a statement touches without naming its App; None: none, or it is marked as the house's."""
    sql = statement.strip()
    if "/* house */" in sql or sql.upper().startswith(NOT_DATA) or "chaskiq_" not in sql:
        return None
    if sql.upper().startswith(("CREATE ", "ALTER ", "DROP ")):
        return None
    for tree in sqlglot.parse(sql, read="sqlite" if dialect == "sqlite" else "postgres"):
        if tree is None:
            continue
        for table in tree.find_all(exp.Table):
            if table.name in TENANT_TABLES and not _names_its_app(table):
                return f"{table.name} without app_id in: {sql}"
    return None


def _names_its_app(table: exp.Table) -> bool:
    alias = table.alias or table.name
    scope = table.find_ancestor(exp.Select, exp.Update, exp.Delete, exp.Insert)
    assert scope is not None
    if isinstance(scope, exp.Insert) and table.find_ancestor(exp.Schema):
        return any(column.name == "app_id" for column in scope.this.expressions)
    for condition in [scope.args.get("where"), *[join.args.get("on") for join in scope.args.get("joins") or []]]:
        for column in condition.find_all(exp.Column) if condition else ():
            if column.name == "app_id" and column.table in ("", alias):
                return True
    return False


class StatementWatch:
    """Collects what the drivers saw; `holes` is what a test must end without."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.holes: list[str] = []
        self.count = 0
        self.seen: list[str] = []

    def __call__(self, statement: str) -> None:
        self.count += 1
        self.seen.append(statement)
        if hole := hole_in(statement, self.dialect):
            self.holes.append(hole)
