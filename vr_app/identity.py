"""Where this machine keeps who a person is in a room, and what they left there unsent.

Only names a file; `vr_app.session` reads and writes it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from pathlib import Path
from typing import Final

import platformdirs

MAX_TICKET: Final = 4096


def identity_file(address: str, name: str, role: str, ticket: str | None) -> Path:
    """The file for somebody in a room: by the ticket's person where there is one, else by name and
    role, so that neither another person's way in nor another role's is taken."""
    who = [address, role, _subject(ticket) if ticket else name]
    key = hashlib.sha256(json.dumps(who).encode()).hexdigest()[:24]
    folder = platformdirs.user_state_path("kenish", appauthor=False) / "rooms"
    return folder / f"{key}.json"


def _subject(ticket: str) -> str:
    """Whose ticket it is, as it says itself; whether that is true is the server's business."""
    with contextlib.suppress(ValueError, IndexError, RecursionError):
        body = ticket[:MAX_TICKET].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        if isinstance(claims, dict) and isinstance(claims.get("sub"), str):
            return str(claims["sub"])
    return ticket
