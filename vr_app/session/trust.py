"""Whose certificates a secure connection believes: the system's, and a site's own authority.

Never turns a check off.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from sync_server.wire.errors import Refused


def trusting(authority: Path | None) -> ssl.SSLContext | None:
    """What connections are checked against; None: as the system does.

    `authority` is a PEM file with certificates of authorities. Raises `Refused` (`session-ca`).
    """
    if authority is None:
        return None
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=authority)
    except ssl.SSLError as error:
        reason = (error.reason or "no PEM").replace("_", " ").lower()
        raise Refused("session-ca", file=str(authority), reason=reason) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused("session-ca", file=str(authority), reason=reason) from error
    return context
