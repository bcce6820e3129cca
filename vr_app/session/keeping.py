"""What a session keeps on this machine: who we are in the room, and what waits to be sent.

One program holds these files at a time; another one beside it gets an identity of its own. Nothing
here waits for the disk on the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sync_server.wire.messages import Command
from vr_app.session import resume_file
from vr_app.session.resume_file import Remembered
from vr_app.session.spool import Kept, Spool, SpoolBusy, SpoolFailed, SpoolWriter, spool_path


class Keeping:
    """The files beside `resume_path` (None: nothing is kept). `failed` is told, once and from
    another thread, what the disk says when it does not take our commands."""

    def __init__(
        self, resume_path: Path | None, address: str, failed: Callable[[str], None]
    ) -> None:
        self._path = resume_path
        self._address = address
        self._failed = failed
        self._writer: SpoolWriter | None = None
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="session-disk")

    async def open(self) -> tuple[Remembered, list[Kept]]:
        """Who we were, and what was not settled then."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._disk, self._open)

    def _open(self) -> tuple[Remembered, list[Kept]]:
        if self._path is None:
            return Remembered(), []
        try:
            spool = Spool(spool_path(self._path), self._address)
            kept = spool.load()
        except SpoolBusy:  # the same person in a second window is somebody else in the room
            self._path = None
            return Remembered(), []
        except SpoolFailed as error:
            self._failed(str(error))
            return resume_file.load(self._path, self._address), []
        self._writer = SpoolWriter(spool, self._failed)
        for one in kept:
            self._writer.known(one.command.id)
        return resume_file.load(self._path, self._address), kept

    def remember(self, remembered: Remembered) -> None:
        """Keep the newest way back into the room."""
        self._disk.submit(lambda: resume_file.save(self._path, self._address, remembered))

    def put(self, command: Command, epoch: str, at_once: bool) -> None:
        """Keep a command until `drop`."""
        if self._writer is not None:
            self._writer.put(Kept(command, epoch), at_once)

    def drop(self, command_id: str) -> None:
        """A command is settled."""
        if self._writer is not None:
            self._writer.drop(command_id)

    def hurry(self) -> None:
        """The connection is gone: what waits will wait for longer."""
        if self._writer is not None:
            self._writer.hurry()

    async def close(self) -> None:
        """Write what is left and let the files go."""
        loop = asyncio.get_running_loop()
        if self._writer is not None:
            await loop.run_in_executor(self._disk, self._writer.close)
            self._writer = None
        await loop.run_in_executor(None, self._disk.shutdown)
