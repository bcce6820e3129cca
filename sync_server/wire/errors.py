"""The errors of the wire and of rooms: a message id with arguments, never a finished sentence."""

from __future__ import annotations

from typing import Any


class ServerError(Exception):
    """Something that a person at a server or at a client must know.

    `message_id` names a Fluent message, `arguments` fills it, `exit_code` is what a command should
    end with.
    """

    exit_code = 1

    def __init__(self, message_id: str, **arguments: Any) -> None:
        super().__init__(f"{message_id} {arguments}")
        self.message_id = message_id
        self.arguments = arguments


class Refused(ServerError):
    """Something asked for that is not given: a wrong address, a forbidden or malformed command."""

    exit_code = 2


class Malformed(Refused):
    """Bytes that are no message of the protocol."""
