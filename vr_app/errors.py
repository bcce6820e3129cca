"""The errors of the program in front of a person: a message id with arguments.

Never a finished sentence: the console or the window translates it.
"""

from __future__ import annotations


class ViewError(Exception):
    """Something that the person at the screen must know.

    `message_id` names a Fluent message and `arguments` fills it; `exit_code` is what a command
    should end with. Arguments may come from the network, so any name is allowed for one.
    """

    exit_code = 1

    def __init__(self, message_id: str, /, **arguments: object) -> None:
        super().__init__(f"{message_id} {arguments}")
        self.message_id = message_id
        self.arguments = arguments


class CommandError(ViewError):
    """A command that cannot be carried out."""


class CommandRefused(CommandError):
    """A command whose arguments cannot be taken."""

    exit_code = 2


class DisplayError(ViewError):
    """A display that cannot be opened, or gives no picture."""


class SourceError(ViewError):
    """A file of the twin that could not be had.

    `retryable`: asking again later may help; `told`: the source has logged it once for all files.
    """

    retryable = False
    told = False


class SourceLost(SourceError):
    """The server cannot be reached now; the source tries again by itself.

    `denied`: it did answer, but does not know us (yet).
    """

    retryable = True
    told = True
    denied = False


class SourceChanged(SourceError):
    """A file that is not the one that belongs to the rest of the twin: the server has a new one."""

    told = True


class ServerChildError(ViewError):
    """A server of our own that did not start."""
