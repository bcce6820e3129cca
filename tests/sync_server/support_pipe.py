"""A connection whose other side takes only what a test says; it keeps whole frames."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from sync_server.wire.poses import BatchDecoder, PoseSample


class Pipe:
    """What is sent waits until the test takes it."""

    remote = "test:1"
    address = "test"
    host = "test"
    origin = ""
    secure = False

    def __init__(self) -> None:
        self.waiting = 0
        self.frames: list[bytes] = []
        self.dropped = False

    def take(self, size: int) -> None:
        """The other side reads so many bytes."""
        assert size <= self.waiting
        self.waiting -= size

    def take_all(self) -> None:
        """The other side reads everything."""
        self.waiting = 0

    def header(self, name: str) -> str:
        raise NotImplementedError

    def backlog(self) -> int:
        return self.waiting

    def send_framed(self, frame: bytes) -> None:
        self.frames.append(frame)
        self.waiting += len(frame)

    def send_if_idle(self, frame: bytes) -> bool:
        if self.waiting:
            return False
        self.send_framed(frame)
        return True

    def divert(self, first_byte: int, handler: Callable[[bytes], None]) -> None:
        raise NotImplementedError

    def messages(self) -> AsyncIterator[bytes | str]:
        raise NotImplementedError

    async def close(self, code: int, reason: str) -> None:
        raise NotImplementedError

    def abort(self) -> None:
        self.dropped = True


def unframed(frame: bytes) -> bytes:
    """A server frame's message."""
    header = 2 if frame[1] < 126 else 4 if frame[1] == 126 else 10
    return frame[header:]


class PoseReader:
    """Reads the batches that a pipe was sent, as a client would."""

    def __init__(self, pipe: Pipe) -> None:
        self.pipe = pipe
        self._decoder = BatchDecoder()
        self._read = 0

    def samples(self) -> list[PoseSample]:
        """What has come since the last call."""
        new, self._read = self.pipe.frames[self._read :], len(self.pipe.frames)
        return [one for frame in new for one in self._decoder.decode(unframed(frame))]
