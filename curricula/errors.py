"""The errors that drills raise: a message id with arguments, never a finished sentence.

`exit_code` is what a command should end with; nothing here prints.
"""

from __future__ import annotations

from typing import Any


class DrillError(Exception):
    """Something about a drill that the person at the screen must know.

    `message_id` names a Fluent message and `arguments` fills it.
    """

    exit_code = 1

    def __init__(self, message_id: str, **arguments: Any) -> None:
        super().__init__(f"{message_id} {arguments}")
        self.message_id = message_id
        self.arguments = arguments


class Refused(DrillError):
    """A drill file, log or event that cannot be taken."""

    exit_code = 2
