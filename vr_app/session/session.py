"""`RoomSession`: joins a room from a thread of its own and serves a program's frame thread.

No call from the frame thread waits for the network, a disk or another thread's work.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from ulid import ULID

from sync_server.wire.messages import AskHistory, Command, Role
from sync_server.wire.poses import MemberPose
from sync_server.wire.records import Operation
from vr_app.session.address import parse_address
from vr_app.session.events import SessionEvent
from vr_app.session.link import Person, RoomLink
from vr_app.session.record import Record
from vr_app.session.room_facts import RoomFacts, room_facts, scene_time
from vr_app.session.state import LatestValue, MemberView, SessionState, SessionStatus

ModerationAct = Literal["kick", "admit", "mute", "unmute", "lock", "unlock", "lead"]

POSE_RATE_HZ: Final = 30.0
SAME_FRAME_S: Final = 0.003


def _role(text: str) -> Role:
    if text not in get_args(Role):
        raise ValueError(f"no role: {text}")
    return cast(Role, text)


class RoomSession:
    """A member's side of a room.

    `url` is ws://HOST:PORT/ROOM; `role`, `language` and `display` are as in the room protocol.
    `resume_file` keeps the identity, and beside it what was not sent yet, over restarts and crashes
    of the program; one program at a time has it. `tls` says whom wss:// trusts (None: the system's
    authorities); `patient`: a server that cannot be reached at first is waited for, as a lost one
    is. Raises `Refused`
    (`session-address`) for an address that is none, ValueError for a role that is none;
    everything later is told by `status`.
    """

    def __init__(
        self,
        url: str,
        name: str,
        role: str = "engineer",
        language: str = "en",
        display: str = "desktop",
        ticket: str | None = None,
        resume_file: Path | None = None,
        pose_rate_hz: float = POSE_RATE_HZ,
        site: str = "",
        tls: ssl.SSLContext | None = None,
        patient: bool = False,
    ) -> None:
        self._state = SessionState()
        self._latest_pose: tuple[MemberPose, float] | None = None
        self._link_arguments = (
            parse_address(url, tls),
            Person(name, _role(role), language, display, ticket, site),
            self._state,
            self._take_pose,
            pose_rate_hz,
            resume_file,
            patient,
        )
        self._thread = threading.Thread(target=self._run, name="room-session", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._link: RoomLink | None = None
        self._task: asyncio.Task[None] | None = None
        self._views: list[MemberView] = []
        self._views_at = float("-inf")
        self._early: list[Command] = []
        self._lock = threading.Lock()
        self._closing = False

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def close(self, timeout: float = 2.0) -> None:
        """Leave the room; waits at most `timeout` seconds for the goodbye."""
        with self._lock:
            self._closing = True
            loop = self._loop
        if loop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # it has just ended by itself
                loop.call_soon_threadsafe(self._stop)
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._state.set_status(SessionStatus("closed"))

    def _run(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        link = RoomLink(*self._link_arguments)
        self._task = asyncio.current_task()
        with self._lock:
            self._loop, self._link = asyncio.get_running_loop(), link
            early, self._early = self._early, []
            if self._closing:
                return
        for command in early:
            link.commands.command(command)
        run = asyncio.create_task(link.run())
        try:
            await asyncio.wait({run})  # not `await run`: it must outlive this one's cancelling
        except asyncio.CancelledError:
            self._task = None  # what follows is not to be cancelled
            await link.leave()
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
            await link.close()
        else:
            self._task = None
            await link.close()
            if run.exception() is not None:
                address = self._link_arguments[0]
                where = {"host": address.host, "port": str(address.port)}
                self._state.set_status(SessionStatus("refused", "session-lost", where))
            run.result()  # a defect ends the thread loudly

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    # -- what the frame thread sees ------------------------------------------------------------

    @property
    def status(self) -> SessionStatus:
        """connecting, joined, reconnecting, refused or closed, with the reason's message."""
        return self._state.status

    @property
    def me(self) -> str | None:
        """Our pseudonymous member id, once joined."""
        return self._state.me

    @property
    def role(self) -> Role | None:
        """The role that the server gave us."""
        return self._state.role

    @property
    def site(self) -> str:
        """Where we said that we are."""
        return self._link_arguments[1].site

    @property
    def permissions(self) -> frozenset[str]:
        """What our role may do: pose, message, annotate, operate, acknowledge ..."""
        return self._state.permissions

    @property
    def http_base(self) -> str | None:
        """http://HOST:PORT of the twin's files, once joined."""
        return self._state.http_base

    @property
    def records(self) -> Mapping[str, Record]:
        """All records by id; never changes in place, so that it can be read without a lock."""
        return self._state.records

    @property
    def facts(self) -> RoomFacts:
        """Who leads, who is muted, whether the door is locked."""
        return room_facts(self._state.records)

    @property
    def names(self) -> Mapping[str, str]:
        """Names of absent authors that the server's site knows, by pseudonym."""
        return self._state.names

    @property
    def http_token(self) -> str:
        """Bearer token for the files under `http_base`; empty where none is needed."""
        return self._state.http_token

    @property
    def unsettled(self) -> int:
        """How many of our commands the server has not answered yet."""
        return self._state.unsettled

    @property
    def held(self) -> int:
        """How many of our commands were meant for a room that was deleted; `send_held` or
        `discard_held` settles them."""
        return self._state.held

    @property
    def away_s(self) -> float:
        """For how many seconds the room has been out of reach; 0 while it is not."""
        since = self._state.away_since
        return 0.0 if since is None else time.monotonic() - since

    @property
    def line(self) -> tuple[int, float | None, float | None]:
        """Our line: level (0 not known, 1 bad ... 4 good), round trip and jitter in seconds."""
        return self._state.line()

    def scene_time(self) -> float:
        """The moment that the room looks at, unix seconds; the room's clock while it is live."""
        return scene_time(self._state.records, self.room_time())

    @property
    def observations(self) -> Mapping[str, LatestValue]:
        """The latest value of each datastream; never changes in place."""
        return self._state.observations

    @property
    def round_trip_s(self) -> float | None:
        """The network's shortest recent round trip, seconds."""
        return self._state.round_trip

    def members(self) -> list[MemberView]:
        """The other members, each with its pose for this moment.

        Calls within 3 ms give the same poses: all parts of a frame see the same people.
        """
        now = time.monotonic()
        if now - self._views_at > SAME_FRAME_S:
            self._views, self._views_at = self._state.members(now), now
        return list(self._views)

    def poll(self) -> list[SessionEvent]:
        """What happened since the last call, in order."""
        return self._state.poll()

    def room_time(self) -> float:
        """The room's clock, unix seconds; this machine's own until the first answer."""
        room = self._state.room_time(time.monotonic())
        return time.time() if room is None else room

    # -- what the frame thread does ------------------------------------------------------------

    def send_pose(self, pose: MemberPose) -> None:
        """Show us like this from now on; the latest wins, and only what changed is sent."""
        self._latest_pose = (pose, self.room_time())
        link, loop = self._link, self._loop
        if link is not None and loop is not None and link.poses.waits:
            link.poses.waits = False
            with contextlib.suppress(RuntimeError):  # the session has ended
                loop.call_soon_threadsafe(link.poses.wake)

    def _take_pose(self) -> tuple[MemberPose, float] | None:
        return self._latest_pose

    def command(
        self,
        kind: str,
        payload: Mapping[str, Any],
        op: Operation = "create",
        record_id: str | None = None,
    ) -> str:
        """Ask for a change of a record and return the command's id (of a new record, its id too).

        Kept while there is no connection and sent once there is one; `poll` tells how it ended.
        """
        content = dict(payload)
        command = Command(id=str(ULID()), kind=kind, op=op, record=record_id, payload=content)
        self._state.asked(command)
        with self._lock:
            if self._loop is None or self._link is None:
                self._early.append(command)
                return command.id
        self._on_loop(lambda link: link.commands.command(command))
        return command.id

    def _on_loop(self, act: Callable[[RoomLink], None]) -> None:
        loop, link = self._loop, self._link
        if loop is not None and link is not None:
            with contextlib.suppress(RuntimeError):  # the session has ended
                loop.call_soon_threadsafe(act, link)

    def undo(self) -> None:
        """Take back our latest change that nobody has changed since; `poll` tells how it ended."""
        self._on_loop(lambda link: link.commands.undo())

    def restore(self, kind: str, record_id: str) -> str:
        """Bring a deleted record back as it was; the command's id."""
        return self.command(kind, {}, "restore", record_id)

    def give(self, record_id: str, member: str) -> str:
        """Make another member the owner of a record; the command's id."""
        record = self._state.records.get(record_id)
        kind = record.kind if record is not None else ""
        return self.command(kind, {"to": member}, "give", record_id)

    def history(self, record_id: str, before: int | None = None) -> str:
        """Ask what was done to a record; `HistoryArrived` with the id that this gives answers."""
        ask = AskHistory(id=str(ULID()), record=record_id, before=before)
        self._on_loop(lambda link: link.ask_history(ask))
        return ask.id

    def moderate(self, act: ModerationAct, member: str | None = None, reason: str = "") -> str:
        """Kick, admit, mute or unmute a member, lock or unlock the door, hand over the lead
        (`member` None: nobody leads); the command's id."""
        content: dict[str, Any] = {"act": act, "reason": reason}
        return self.command("moderation", content | ({"member": member} if member else {}))

    def send_held(self) -> None:
        """Send what was meant for a room that is no more into the room as it is now."""
        self._on_loop(lambda link: link.commands.release_held())

    def discard_held(self) -> None:
        """Give up what was meant for a room that is no more."""
        self._on_loop(lambda link: link.commands.discard_held())
