"""The options of `kenish twin`, with help texts in the person's language.

Scenes import no other package, so this stands beside `assets.text.command_parser`; prints nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

from scenes.errors import Refused


class Texts(Protocol):
    """What a parser needs of `vr_app.console.Console`."""

    def text(self, message_id: str, **arguments: Any) -> str:
        """The message in the person's language."""
        ...


class CommandParser(argparse.ArgumentParser):
    """The options of one command, or of one of its subcommands (`key`: "room", "room-list").

    Subcommands take the same arguments through `add_parser`; `example` is one command per line.
    """

    def __init__(self, *, console: Texts, key: str, example: str, **more: Any) -> None:
        lines = "\n".join(f"  {line}" for line in example.splitlines())
        super().__init__(
            description=console.text(f"cli-help-{key}"),
            epilog=f"{console.text('cli-help-example')}\n{lines}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            add_help=False,
            **more,
        )
        self._console = console
        self._key = key
        self._words = self.add_argument_group(console.text("cli-help-arguments"))
        self._options = self.add_argument_group(console.text("cli-help-options"))
        self.option("-h", "--help", message="cli-help-help", action="help")

    def option(
        self,
        *names: str,
        message: str | None = None,
        filled: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        """`add_argument` whose help is a message: cli-help-KEY-NAME, if `message` names no other.

        `filled` are the message's variables.
        """
        message_id = message or f"cli-help-{self._key}-{names[-1].lstrip('-')}"
        text = self._console.text(message_id, **(filled or {}))
        # argparse fills help texts with the operator %.
        group = self._options if names[0].startswith("-") else self._words
        group.add_argument(*names, help=text.replace("%", "%%"), **more)

    def error(self, message: str) -> NoReturn:
        """One line in place of argparse's usage and error."""
        raise Refused("cli-help-refused", command=self.prog, reason=message)
