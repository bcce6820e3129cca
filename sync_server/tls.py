"""A server's certificate and key: loaded with clear errors, and again when they were renewed.

Never logs a key or its password; the protocol versions and ciphers are Python's own safe choice.
"""

from __future__ import annotations

import contextlib
import os
import ssl
from pathlib import Path
from typing import Final

from sync_server.wire.errors import Refused

PASSWORD_VARIABLE: Final = "KENISH_TLS_KEY_PASSWORD"


class Certificate:
    """A certificate chain and its key (PEM files); `context` serves with them.

    Raises `Refused` (`server-tls`, `server-tls-pair`).
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate = certificate
        self._key = key
        self._seen = self._times()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Neither side wants HTTP/2, and compression inside TLS leaks what it compresses.
        self.context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
        self._load(self.context)

    def _times(self) -> tuple[float, float] | None:
        with contextlib.suppress(OSError):
            return self._certificate.stat().st_mtime, self._key.stat().st_mtime
        return None

    def _load(self, context: ssl.SSLContext) -> None:
        for file in (self._certificate, self._key):
            try:
                with file.open("rb"):
                    pass
            except OSError as error:
                raise _refused(file, error.strerror or str(error)) from error

        # Without one given, OpenSSL would ask on the terminal and wait there for ever.
        password = os.environ.get(PASSWORD_VARIABLE, "")
        try:
            context.load_cert_chain(self._certificate, self._key, password=lambda: password)
        except ssl.SSLError as error:
            reason = (error.reason or "no PEM").replace("_", " ").lower()
            raise _refused(self._certificate, reason) from error
        except (OSError, ValueError) as error:
            raise _refused(self._key, str(error)) from error

    def renewed(self) -> bool:
        """Load the files again where they have changed: new connections get the new certificate.

        Raises `Refused` where they are not good together (yet); the old one stays in use.
        """
        times = self._times()
        if times is None or times == self._seen:
            return False
        self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))  # both, before either is used
        self._load(self.context)
        self._seen = times
        return True


def _refused(file: Path, reason: str) -> Refused:
    return Refused("server-tls", file=str(file), reason=reason)


def certificate_of(certificate: Path | None, key: Path | None) -> Certificate | None:
    """What two options ask for; None where neither is given. Raises `Refused`."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise Refused("server-tls-pair")
    return Certificate(certificate, key)
