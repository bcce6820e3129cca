"""What the server's commands need of the terminal, and the options that several of them share.

Never prints; `vr_app.console.Console` is the one terminal there is.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TextIO

from assets.text.command_parser import CommandParser
from assets.text.number_ranges import number

LAST_PORT = 65534  # HTTP has the one after it
DAYS = number(0, 36500)  # a century of them
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


class Actions:
    """The options of `kenish NAME ACTION`, with those of each action."""

    def __init__(self, name: str, console: Terminal, actions: Sequence[str], example: str) -> None:
        self._name = name
        self._console = console
        self._parser = command_parser(name, console, example)
        self._actions = self._parser.add_subparsers(
            title=console.text("cli-help-commands"),
            dest="action",
            required=True,
            metavar="|".join(actions),
        )

    def add(self, action: str, example: str) -> CommandParser:
        """An action's options; the help is `cli-help-NAME-ACTION`."""
        key = f"{self._name}-{action}"
        text = self._console.text(f"cli-help-{key}").replace("%", "%%")
        parser: CommandParser = self._actions.add_parser(
            action, help=text, console=self._console, key=key, example=example
        )
        return parser

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """What was asked for; `action` names it."""
        return self._parser.parse_args(arguments)


def add_state(parser: CommandParser) -> None:
    """`--state DIR`."""
    parser.option("--state", message="cli-help-state", type=Path, metavar="DIR")
