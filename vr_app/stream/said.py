"""What went wrong with a tile, as a sentence for the log and for whoever looks for it.

In English, as logs are: windows say such things in the person's language themselves.
"""

from __future__ import annotations


def said(error: Exception) -> str:
    """An error's own message where it has one, else what Python says of it."""
    message_id = getattr(error, "message_id", None)
    if isinstance(message_id, str):
        from assets.text import translator  # takes 30 ms to load, before the first picture

        return translator("en")(message_id, getattr(error, "arguments", {}))
    return f"{type(error).__name__}: {error}"
