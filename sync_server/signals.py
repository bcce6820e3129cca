"""What stops a server: SIGTERM, Ctrl-C, or the end of its parent.

Only sets events; what stopping means is for who waits for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def stop_signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and Ctrl-C set the event."""
    loop = asyncio.get_running_loop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    before: dict[int, Any] = {}
    for number in numbers:
        try:
            loop.add_signal_handler(number, stop.set)
        except (NotImplementedError, RuntimeError):  # Windows; not the main thread
            with contextlib.suppress(ValueError):
                before[number] = signal.signal(
                    number, lambda *_: loop.call_soon_threadsafe(stop.set)
                )
    try:
        yield
    finally:
        for number in numbers:
            if number in before:
                signal.signal(number, before[number])
            else:
                with contextlib.suppress(NotImplementedError, RuntimeError):
                    loop.remove_signal_handler(number)


def watch_stdin(stop: asyncio.Event) -> None:
    """Set the event when stdin ends: our parent, which holds the other end, is gone."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended before
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, name="watch-parent", daemon=True).start()
