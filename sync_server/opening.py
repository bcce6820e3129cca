"""Opens one room: its log, its records, its door and what plays along in it.

Builds and wires only; nothing runs before the host is started.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ulid import ULID

from scenes.twin import SCENE_FILE, Twin
from sync_server.options import ServerOptions
from sync_server.room.entrance import Entrance
from sync_server.room.listener import RoomListener
from sync_server.room.records import RecordStore
from sync_server.room.room import Room, RoomIdentity
from sync_server.storage.entrance import EntranceBook
from sync_server.storage.files import FileStore
from sync_server.storage.folder import StateFolder, checked_room_name
from sync_server.storage.log import RoomLog
from sync_server.storage.people_keeper import PeopleKeeper
from sync_server.storage.retention import DAY_S, Retention
from sync_server.transport.clock import RoomClock
from sync_server.transport.host import RoomHost

if TYPE_CHECKING:
    from sync_server.recording.mcap_recorder import McapRecorder


def new_id() -> str:
    """A fresh ULID."""
    return str(ULID())


@dataclass(slots=True)
class RoomOpener:
    """What all rooms of a server share; `recorders` are those that it has begun."""

    options: ServerOptions
    twin: Twin
    state: StateFolder
    clock: RoomClock
    counters: Counter[str]
    recorders: list[McapRecorder] = field(default_factory=list)
    files: dict[str, FileStore] = field(default_factory=dict)
    book: EntranceBook | None = None
    people: PeopleKeeper | None = None

    def open(self, name: str, first: bool) -> RoomHost:
        """The room's host. Raises `StorageFailed`, `Refused`; what was opened is let go then."""
        storage = RoomLog(self.state.room(checked_room_name(name)), new_epoch=new_id())
        try:
            return self._room_of(name, storage, first)
        except BaseException:
            storage.close()
            raise

    def _room_of(self, name: str, storage: RoomLog, first: bool) -> RoomHost:
        storage.begin_after_copy(self.clock())
        records = storage.load()
        room = Room(
            identity=RoomIdentity(name, storage.epoch),
            scene=self.twin.scene,
            records=records,
            entrance=self._entrance(name),
            new_id=new_id,
            listeners=self._listeners_of(records) if first else (),
            replaying=first and self.options.player is not None,
            picture_of=self._files(name).facts,
            names_of=self._names_of,
        )
        recorder = self._recorder_of(room, first)
        options = self.options
        retention = Retention(entries=options.keep_entries, entries_s=options.keep_days * DAY_S)
        host = RoomHost(
            room, storage, self.clock, self.counters, recorder, self.book, self.people, retention
        )
        host.plan_poses(self.options.flush_s, self.options.max_members)
        return host

    def _files(self, name: str) -> FileStore:
        """The room's pictures."""
        if name not in self.files:
            self.files[name] = FileStore(self.state.files(name))
        return self.files[name]

    def _names_of(self, members: Collection[str]) -> dict[str, str]:
        return {} if self.people is None else self.people.names_of(members)

    def _recorder_of(self, room: Room, first: bool) -> McapRecorder | None:
        """The first room is recorded; into a folder, all of them."""
        place = self.options.record
        if place is None or not (first or place.is_dir()):
            return None
        from sync_server.recording.mcap_recorder import McapRecorder  # 100 ms to import

        checksum = hashlib.sha256((self.twin.folder / SCENE_FILE).read_bytes()).hexdigest()
        minutes = self.options.record_minutes
        recorder = McapRecorder(place, room, self.twin.scene, checksum, self.clock, minutes)
        self.recorders.append(recorder)
        return recorder

    def _entrance(self, name: str) -> Entrance:
        if self.book is None:
            self.book = EntranceBook(self.state.folder / "entrance.sqlite3")
        visits, tickets = self.book.load(name, self.clock())
        return Entrance(
            name,
            self.state.secret(),
            self.options.opened,
            new_id,
            self.options.max_members,
            visits=visits,
            used_tickets=tickets,
        )

    def _listeners_of(self, records: RecordStore) -> tuple[RoomListener, ...]:
        """What plays along in the first room."""
        listeners = tuple(self.options.listeners)
        if self.options.player is not None:
            return (*listeners, self.options.player)
        if self.options.drill is None:
            from sync_server.drills.withdrawal import DrillWithdrawal

            return (*listeners, DrillWithdrawal(records))
        from sync_server.drills.listener import DrillListener  # CEL and Fluent, only where needed
        from sync_server.drills.script import load_script

        def lookup(record: str) -> Mapping[str, Any] | None:
            found = records.get(record)
            return None if found is None or found.deleted else found.payload

        script = load_script(self.options.drill, self.twin.scene)
        return (*listeners, DrillListener(script, lookup))
