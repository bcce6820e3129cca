"""What stops a server: SIGTERM, Ctrl-C, or the end of its parent.

Only sets events; what stopping means is for who waits for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

log = logging.getLogger("kenish.server")

TWICE_S: Final = 0.5


@contextlib.contextmanager
def stop_signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and Ctrl-C set the event; the second one ends the process on the spot.

    That is safe: commits are on the disk before they are told, and recordings are readable.
    """
    loop = asyncio.get_running_loop()

    first: list[float] = []

    def asked(number: int) -> None:
        now = time.monotonic()
        # One Ctrl-C may come twice: from the terminal, and from the program that started us.
        if first and now - first[0] > TWICE_S:
            log.warning("ended at once by a second signal")
            os._exit(128 + number)
        first.append(now)
        stop.set()

    numbers = [signal.SIGINT, signal.SIGTERM]
    before: dict[int, Any] = {}
    for number in numbers:
        try:
            loop.add_signal_handler(number, asked, number)
        except (NotImplementedError, RuntimeError):  # Windows; not the main thread
            with contextlib.suppress(ValueError):
                before[number] = signal.signal(
                    number, lambda got, _frame: loop.call_soon_threadsafe(asked, got)
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


@contextlib.contextmanager
def end_within(seconds: float) -> Iterator[None]:
    """End the process, with status 1 and a line in the log, where the work takes longer.

    A disk that hangs must not make a service impossible to stop.
    """

    def end() -> None:
        log.error("not stopped after %.0f s: ended", seconds)
        os._exit(1)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


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
