"""The errors of sensors' commands and gateways: a message id with arguments, never a sentence."""

from __future__ import annotations

from typing import Any


class SensorError(Exception):
    """A source of observations that failed; `exit_code` is what a command should end with."""

    exit_code = 1

    def __init__(self, message_id: str, **arguments: Any) -> None:
        super().__init__(f"{message_id} {arguments}")
        self.message_id = message_id
        self.arguments = arguments


class SensorRefused(SensorError):
    """An address, option or file that cannot be taken."""

    exit_code = 2
