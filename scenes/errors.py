"""The errors that scenes raise: a message id with arguments, never a finished sentence."""

from __future__ import annotations

from typing import Any


class SceneError(Exception):
    """Something about a twin or a mine file that the person at the screen must know.

    `message_id` names a Fluent message and `arguments` fills it; `exit_code` is what a command
    should end with (2: the input was refused).
    """

    exit_code = 1

    def __init__(self, message_id: str, **arguments: Any) -> None:
        super().__init__(f"{message_id} {arguments}")
        self.message_id = message_id
        self.arguments = arguments


class Refused(SceneError):
    """An input file that cannot be taken; the rest of the work goes on."""

    exit_code = 2
