"""How a process logs: to stderr, as lines for people or as JSON, one event a line."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

from chaskiq_core.correlation import CorrelationFilter

ONE_LINE = str.maketrans({"\n": "\\n", "\r": "\\r", "\x1b": "\\x1b"})
"""What would end or colour a line: a message may quote what a stranger wrote."""
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure_logging(log_format: Literal["console", "json"], *, level: int = logging.INFO) -> None:
    """Log what the house says from `level` on, and warnings of everyone else.

    Others stay at warnings: httpx writes whole URLs at INFO, and a provider's token may be in them.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(CorrelationFilter())
    handler.setFormatter(JsonLines() if log_format == "json" else PlainLines())
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    logging.getLogger("chaskiq").setLevel(level)


class PlainLines(logging.Formatter):
    """`2026-01-31 09:30:00 WARNING chaskiq.store [correlation id]: …`, in UTC; a traceback follows on its own lines."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%d %H:%M:%S")
        related = getattr(record, "correlation_id", None)
        name = f"{record.name} [{related}]" if related else record.name
        line = f"{at} {record.levelname:<7} {name}: {record.getMessage().translate(ONE_LINE)}"
        return "\n".join([line, self.formatException(record.exc_info)]) if record.exc_info else line


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message", …}`, with what was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        shown: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        shown |= {name: value for name, value in vars(record).items() if name not in STANDARD}
        if record.exc_info:
            shown["error"] = self.formatException(record.exc_info)
        return json.dumps(shown, default=str)
