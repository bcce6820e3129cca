"""Sees our commands through: kept on this machine, shown at once, sent, repeated, settled.

Lives on the session's event loop; what goes out leaves through the `send` that it is given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from sync_server.wire.messages import Command, encode
from sync_server.wire.messages import CommandRefused as RefusedMessage
from vr_app.session.events import (
    CommandAccepted,
    CommandRefused,
    CommandWithdrawn,
    SessionNotice,
)
from vr_app.session.keeping import Keeping
from vr_app.session.optimistic import record_of
from vr_app.session.outstanding import Outstanding
from vr_app.session.resume_file import Remembered
from vr_app.session.state import SessionState


class CommandDesk:
    """The commands of one session, over all its connections."""

    def __init__(
        self,
        state: SessionState,
        resume_path: Path | None,
        address: str,
        send: Callable[[bytes], None],
    ) -> None:
        self._state = state
        self._send = send
        self._outstanding = Outstanding()
        self._keeping = Keeping(resume_path, address, self._not_kept)
        self._settled = asyncio.Event()
        self._connected = False

    @property
    def epoch(self) -> str:
        """The life of the room in which we were last; empty: none is known."""
        return self._outstanding.epoch

    async def open(self) -> Remembered:
        """Take up what an earlier run of the program left; who we were then."""
        remembered, kept = await self._keeping.open()
        self._outstanding.load(kept, remembered.epoch)
        for one in self._outstanding.waiting():
            self._state.add_waiting(one.command)
        self._count()
        return remembered

    async def close(self) -> None:
        """Let the files go; what is not settled stays in them."""
        await self._keeping.close()

    def remember(self, remembered: Remembered) -> None:
        """Keep the newest way back into the room."""
        self._keeping.remember(remembered)

    # -- what a person asks for ----------------------------------------------------------------

    def command(self, command: Command) -> None:
        """Send a command now, or as soon as there is a connection; exactly once in effect."""
        refused = self._outstanding.add(command)
        if refused:
            self._state.refused(command.id)
            self._state.tell(CommandRefused(command.id, refused, {}))
            return
        self._keeping.put(command, self._outstanding.epoch, at_once=not self._connected)
        self._state.add_waiting(command)
        self._count()
        self._feed()

    def undo(self) -> None:
        """Take back our latest change: withdraw it, or ask for its inverse."""
        waiting = self._state.latest_waiting()
        if waiting is None:
            inverse = self._state.inverse()
            if inverse is None:
                self._state.tell(SessionNotice("session-nothing-to-undo", {}))
            else:
                self.command(inverse)
        elif (command := self._outstanding.withdraw(waiting)) is not None:
            self._finish(command)
            self._state.refused(waiting)
            self._state.tell(CommandWithdrawn(waiting))
        else:
            self._state.tell(SessionNotice("session-undo-not-yet", {}))

    def release_held(self) -> None:
        """Send what was meant for a room that is no more into the room as it is now."""
        for kept in self._outstanding.release():
            self._keeping.put(kept.command, kept.epoch, at_once=True)
            self._state.add_waiting(kept.command)
        self._count()
        self._feed()

    def discard_held(self) -> None:
        """Give up what was meant for a room that is no more."""
        for command in self._outstanding.discard():
            self._keeping.drop(command)
        self._count()

    # -- what happens to the connection --------------------------------------------------------

    def joined(self, epoch: str) -> None:
        """The room's records are about to be shown: what was for another life of it is held."""
        for kept in self._outstanding.waiting():
            if not kept.epoch:  # asked for before we knew which room there would be
                self._keeping.put(kept.command, epoch, at_once=False)
        held = self._outstanding.joined(epoch)
        for kept in held:
            self._state.end_waiting(kept.command)
        self._count()
        if held:
            self._state.tell(SessionNotice("session-other-room", {"n": self._outstanding.held}))

    def connected(self) -> None:
        """Commands can go out: first what was not settled, once more."""
        self._connected = True
        self._feed()

    def lost(self) -> None:
        """The connection is gone."""
        self._connected = False
        self._outstanding.lost()
        self._keeping.hurry()

    def accepted(self, command_id: str, number: int) -> None:
        """The server has stored a command."""
        command = self._outstanding.settle(command_id)
        if command is not None:
            self._finish(command)
            self._state.accepted(command_id, number, record_of(command))
            self._state.tell(CommandAccepted(command_id, number))
        self._feed()

    def not_accepted(self, message: RefusedMessage) -> None:
        """The server has refused a command, or some other message of ours."""
        command = self._outstanding.settle(message.id)
        if command is not None:
            self._finish(command)
            self._state.refused(message.id)
        if command is not None and message.message_id == "server-duplicate-id":
            # Its id is random, so it is ours: accepted before we got another pseudonym.
            self._state.tell(CommandAccepted(message.id, 0))
        else:
            refused = CommandRefused(message.id, message.message_id, message.arguments)
            self._state.tell(refused)
        self._feed()

    async def all_settled(self) -> None:
        """Wait until the server has answered everything."""
        while len(self._outstanding):
            self._settled.clear()
            await self._settled.wait()

    def _feed(self) -> None:
        if self._connected:
            for command in self._outstanding.next():
                self._send(encode(command))

    def _finish(self, command: Command) -> None:
        self._keeping.drop(command.id)
        self._state.end_waiting(command)
        self._count()
        self._settled.set()

    def _count(self) -> None:
        self._state.unsettled = len(self._outstanding)
        self._state.held = self._outstanding.held

    def _not_kept(self, reason: str) -> None:
        self._state.tell(SessionNotice("session-not-kept", {"reason": reason}))
