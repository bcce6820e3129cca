"""How long a room's past is kept: bounds, and the cuts in the log that follow from them.

Only reads; `RoomLog.compact` cuts. What is alive is never cut, however old it is.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from sync_server.wire.limits import MAX_TOMBSTONES

DAY_S: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Retention:
    """An entry is cut when it is beyond the newest `entries` and older than `entries_s`.

    The ids of commands make repeats harmless (a member who was away sends again what was not
    acknowledged), and resume tokens last a day: ids are kept among the newest `commands` or
    within `commands_s`, and never more than `commands_most`.
    """

    entries: int = 200_000
    entries_s: float = 365 * DAY_S
    commands: int = 200_000
    commands_s: float = 30 * DAY_S
    commands_most: int = 1_000_000
    tombstones: int = MAX_TOMBSTONES


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction removed. Numbers up to `forgotten` have no command id any more; who has
    seen less than `horizon` cannot be told the difference."""

    entries: int
    commands: int
    forgotten: int
    horizon: int


def cut_of_entries(db: sqlite3.Connection, last: int, now: float, retention: Retention) -> int:
    """The number up to which the log is cut (0: not at all); `last` is that of the snapshot."""
    beyond, before = last - retention.entries, now - retention.entries_s
    return _last(db, "SELECT max(number) FROM log WHERE number<=? AND time<?", beyond, before)


def cut_of_commands(db: sqlite3.Connection, last: int, now: float, retention: Retention) -> int:
    """The number up to which command ids are forgotten, of those that the log has lost."""
    beyond, before = last - retention.commands, now - retention.commands_s
    old = _last(db, "SELECT max(number) FROM command WHERE number<=? AND time<?", beyond, before)
    most = last - retention.commands_most
    return max(old, _last(db, "SELECT max(number) FROM command WHERE number<=?", most))


def _last(db: sqlite3.Connection, query: str, *values: float) -> int:
    return int(db.execute(query, values).fetchone()[0] or 0)
