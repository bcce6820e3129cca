"""A TCP relay to a server that can be cut, silenced and delayed, for tests of sessions."""

from __future__ import annotations

import contextlib
import queue
import random
import socket
import threading
import time
from collections.abc import Iterator


class Line:
    """Connections through it reach `port`. A cut resets them; a silent line swallows everything."""

    def __init__(self, port: int, delay_s: float = 0.0, jitter_s: float = 0.0) -> None:
        self._target = port
        self._delay_s, self._jitter_s = delay_s, jitter_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.away = False  # new connections are refused
        self.silent = False  # nothing comes through, and nobody says so
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self.away:
                    raise OSError
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._relay, args=(a, b), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        delayed: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        sender = threading.Thread(target=self._send, args=(delayed, sink), daemon=True)
        sender.start()
        chance = random.Random(3)
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                if not self.silent:
                    late = self._delay_s + chance.uniform(0, self._jitter_s)
                    delayed.put((time.monotonic() + late, data))
        delayed.put((0.0, b""))
        sender.join()
        with self._lock:
            for one in {source, sink} & self._open:
                self._open.discard(one)
                one.close()

    @staticmethod
    def _send(delayed: queue.SimpleQueue[tuple[float, bytes]], sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, data = delayed.get()
                if not data:
                    return
                time.sleep(max(due - time.monotonic(), 0.0))
                sink.sendall(data)

    def cut(self) -> None:
        """Reset every connection."""
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def go_away(self) -> None:
        """Cut, and refuse new ones until `away` is taken back."""
        self.away = True
        self.cut()

    def close(self) -> None:
        """No more connections."""
        self._listener.close()
        self.cut()


@contextlib.contextmanager
def line_to(port: int, delay_s: float = 0.0, jitter_s: float = 0.0) -> Iterator[Line]:
    """A line to a server on this machine, gone afterwards."""
    line = Line(port, delay_s, jitter_s)
    try:
        yield line
    finally:
        line.close()
