"""The records of one room and their numbers: applies accepted commands, remembers deletions.

Knows nothing of members, permissions or sockets, and can take back what could not be stored.

Numbers, ULIDs and per-record versions are the road to several replicas of a room: a replica that
has everything up to a number of an epoch needs only the entries after it, in order; `apply` is the
same function everywhere; a ULID that was seen is not applied twice, whoever brings it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sync_server.room.effects import LogEntry
from sync_server.room.record import Record


class RecordStore:
    """Records by id (deleted ones stay as tombstones), and the number of every command seen.

    `horizon`: up to this number deletions may have been forgotten; who has seen less must get
    everything.
    """

    def __init__(self) -> None:
        # Always in the order of the records' numbers: what changed last is at the end.
        self._records: dict[str, Record] = {}
        self._commands: dict[str, tuple[int, str]] = {}
        self._undo: dict[int, Record | None] = {}
        self._people: Counter[str] = Counter()
        self.last_number = 0
        self.horizon = 0
        self.live = 0  # records that are not deleted

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def get(self, record: str) -> Record | None:
        """The record, a tombstone included."""
        return self._records.get(record)

    def number_of(self, command: str) -> tuple[int, str] | None:
        """The number and author of a command that was accepted before."""
        return self._commands.get(command)

    def people(self) -> list[str]:
        """Authors and owners of what is alive."""
        return list(self._people)

    def since(self, number: int) -> list[Record]:
        """What changed after `number`, oldest change first; after 0, everything that is alive."""
        if number <= 0:
            return [one for one in self if not one.deleted]
        changed: list[Record] = []
        for one in reversed(self._records.values()):
            if one.number <= number:
                break
            changed.append(one)
        changed.reverse()
        return changed

    def can_tell_since(self, number: int) -> bool:
        """Whether `since(number)` holds all that happened after it, deletions included."""
        return 0 < number <= self.last_number and number >= self.horizon

    def apply(self, entry: LogEntry) -> Record:
        """Put an accepted command into effect and give the record as it is now."""
        before = self._records.get(entry.record)
        self._undo[entry.number] = before
        record = after(before, entry)
        self._put(record, before)
        self._commands[entry.command] = (entry.number, entry.author)
        self.last_number = entry.number
        return record

    def stored(self, entries: Iterable[LogEntry]) -> None:
        """These are on disk: they will not be taken back."""
        for entry in entries:
            self._undo.pop(entry.number, None)

    def take_back(self, entries: Iterable[LogEntry]) -> None:
        """Undo commands that could not be stored; all of those not stored, in order."""
        for entry in sorted(entries, key=lambda one: one.number, reverse=True):
            before = self._undo.pop(entry.number)
            current = self._records[entry.record]
            if before is None:
                del self._records[entry.record]
                self._count(current, -1)
            else:
                self._put(before, current)
            del self._commands[entry.command]
            self.last_number = entry.number - 1
        # What was put back is older than what stands around it now.
        self._records = {
            one.id: one for one in sorted(self._records.values(), key=lambda one: one.number)
        }

    def as_stored(self, number: int) -> list[Record]:
        """The records as they are on the disk, which has the entries up to `number`."""
        stored = [one for one in self if one.number <= number]
        before = [one for one in self._undo.values() if one is not None and one.number <= number]
        # What was changed since is not among the first; two runs in order are sorted quickly.
        return sorted(stored + before, key=lambda one: one.number) if before else stored

    def drop_tombstones(self, keep: int, stored_through: int) -> int:
        """Forget all deletions but the newest `keep` and those not stored yet; how many. Raises
        the horizon with them."""
        gone = [one for one in self if one.deleted and one.number <= stored_through]
        gone = gone[: max(0, len(gone) - keep)]
        for one in gone:
            del self._records[one.id]
            self.horizon = max(self.horizon, one.number)
        return len(gone)

    def forget(self, commands_up_to: int, horizon: int) -> None:
        """Forget what a compaction has cut: the ids of commands up to a number, and who has seen
        less than the horizon."""
        for command in list(self._commands):  # oldest first
            if self._commands[command][0] > commands_up_to:
                break
            del self._commands[command]
        self.horizon = max(self.horizon, horizon)

    def _put(self, record: Record, before: Record | None) -> None:
        if before is not None:
            del self._records[record.id]
            self._count(before, -1)
        self._records[record.id] = record
        self._count(record, 1)

    def _count(self, record: Record, change: int) -> None:
        if record.deleted:
            return
        self.live += change
        for person in {record.author, record.keeper}:
            self._people[person] += change
            if self._people[person] <= 0:
                del self._people[person]

    def load(
        self,
        records: Iterable[Record],
        commands: Iterable[tuple[str, int, str]],
        horizon: int = 0,
    ) -> None:
        """Fill an empty store from a snapshot: its records in the order of their numbers, and
        (ULID, number, author) of the commands up to it."""
        for record in records:
            self._put(record, None)
            self.last_number = max(self.last_number, record.number)
        for command, number, author in commands:
            self._commands[command] = (number, author)
            self.last_number = max(self.last_number, number)
        self.horizon = horizon
        self.last_number = max(self.last_number, horizon)


def after(before: Record | None, entry: LogEntry) -> Record:
    """The record that an entry makes of what was there before."""
    # Whoever makes a thing anew where one was deleted is its author; who restores it is not.
    anew = before is None or (before.deleted and entry.op != "restore")
    deleted = entry.op == "delete"
    return Record(
        id=entry.record,
        kind=entry.kind,
        author=entry.author if anew or before is None else before.author,
        number=entry.number,
        version=before.version + 1 if before else 1,
        time=entry.time,
        payload=before.payload if deleted and before is not None else entry.payload,
        deleted=deleted,
        owner=entry.owner,
        op=entry.op,
        by=entry.author,
    )
