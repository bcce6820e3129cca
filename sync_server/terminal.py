"""What the server's commands need of the terminal, and the options that several of them share.

Never prints; `vr_app.console.Console` is the one terminal there is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, TextIO

from assets.text.command_parser import CommandParser

OPEN_ROLES = ("observer", "visitor", "trainee", "engineer")
ROLES = (*OPEN_ROLES, "instructor", "admin")


class Terminal(Protocol):
    """What a command may say; `vr_app.console.Console` is one."""

    language: str
    json_output: bool
    out: TextIO

    def text(self, message_id: str, **arguments: Any) -> str:
        """The message in the person's language."""
        ...

    def say(self, message_id: str, **arguments: Any) -> None:
        """A line for the person."""

    def warn(self, message_id: str, **arguments: Any) -> None:
        """A line on stderr."""

    def line(self, text: str) -> None:
        """A line that is no message."""

    def result(self, value: dict[str, Any]) -> None:
        """The one JSON object."""

    def failure(self, message_id: str, arguments: dict[str, Any]) -> None:
        """Why it failed."""


def command_parser(name: str, console: Terminal, example: str) -> CommandParser:
    """The options of `kenish NAME`."""
    return CommandParser(prog=f"kenish {name}", console=console, key=name, example=example)


def add_state(parser: CommandParser) -> None:
    """`--state DIR`."""
    parser.option("--state", message="cli-help-state", type=Path, metavar="DIR")
