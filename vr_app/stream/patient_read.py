"""Reads one file from a source whose server may be away: waits, quietly, until it is back.

For worker threads with a single file to read; tiles go through the queue, which never waits.
"""

from __future__ import annotations

import threading
from typing import Final

from vr_app.errors import SourceLost
from vr_app.stream.source import TwinSource

LOOK_S: Final = 0.25


def read_patiently(source: TwinSource, path: str, closed: threading.Event) -> bytes:
    """The file's bytes. Raises `SourceError`; `SourceLost` only once `closed` is set."""
    while True:
        before = source.returns
        try:
            return source.read(path)
        except SourceLost:
            while source.returns == before:
                if closed.wait(LOOK_S):
                    raise
