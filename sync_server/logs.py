"""Sets up the server's log on standard error: one line for each event, as text or as JSON.

No line carries a member's name: whoever logs passes pseudonyms. It never writes files; the
system's journal or a container's log keeps what it is told.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

LogFormat = Literal["text", "json"]
LEVELS: Final = ("debug", "info", "warning", "error")
# Its lines about each connection's pings and closes are for those who debug websockets.
NOISY: Final = ("kenish.socket", "websockets", "asyncio", "uvicorn", "mqtt")


def _time(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds")


def _one_line(text: str) -> str:
    """Without line feeds and other controls: nobody forges a line or moves a cursor."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class JsonLines(logging.Formatter):
    """{time, level, logger, message} and, of a defect, the traceback as `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """The event as one JSON object."""
        event = {
            "time": _time(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False)


class TextLines(logging.Formatter):
    """TIME LEVEL LOGGER MESSAGE, and a traceback with its line feeds written as \\n."""

    def format(self, record: logging.LogRecord) -> str:
        """The event as one line."""
        text = f"{_time(record.created)} {record.levelname} {record.name} {record.getMessage()}"
        if record.exc_info:
            text += f" | {self.formatException(record.exc_info)}"
        return _one_line(text)


def set_up_logs(form: LogFormat, level: str, stream: TextIO | None = None) -> None:
    """Send every logger's lines of `level` (one of LEVELS) and above to standard error."""
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    number = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(number)
    for name in NOISY:  # at "debug" some of them write whole messages, and so names
        logging.getLogger(name).setLevel(logging.WARNING)
    if level != "debug":
        logging.getLogger("kenish.socket").setLevel(logging.CRITICAL)
