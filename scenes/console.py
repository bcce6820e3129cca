"""What the commands of this package need of a console; `vr_app.console.Console` fits.

A description of an object that is passed in; nothing here prints.
"""

from __future__ import annotations

from typing import Any, Protocol


class Console(Protocol):
    """Speaks to the person at the terminal in their language."""

    json_output: bool

    def text(self, message_id: str, **arguments: Any) -> str:
        """The message in the console's language."""

    def english(self, message_id: str, **arguments: Any) -> str:
        """The message in English, for --json."""

    def parser(self, prog: str, key: str, example: str) -> Any:
        """A parser whose help texts are messages cli-help-KEY-... (its `option` adds one)."""

    def say(self, message_id: str, **arguments: Any) -> None:
        """A line for the person."""

    def line(self, text: str) -> None:
        """A line that is no message."""

    def warn(self, message_id: str, **arguments: Any) -> None:
        """A line on stderr."""

    def progress(self, message_id: str, done: int, total: int, **arguments: Any) -> None:
        """One rewritten line on a terminal."""

    def result(self, value: dict[str, Any]) -> None:
        """The command's one JSON object."""
