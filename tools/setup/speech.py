"""How the setup speaks: lines on stderr, and one error type that ends it with a line.

Never translates: it runs before the packages that could are installed.
"""

from __future__ import annotations

import sys


class SetupError(Exception):
    """The machine cannot be made ready; the text says why and what to do, for the person."""


def say(text: str) -> None:
    """One line for the person; stdout stays free for the command that follows."""
    print(text, file=sys.stderr, flush=True)
