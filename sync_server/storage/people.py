"""A site's people: names, languages, consents and scores by pseudonym, in one SQLite file.

The only place on a server where a name is kept. It never decides anything, and knows no room.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from sync_server.storage.database import StorageFailed, open_database

STEPS: Final = (
    """
    CREATE TABLE people (
      member TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, site TEXT NOT NULL,
      first_seen REAL NOT NULL, last_seen REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE consents (
      member TEXT NOT NULL REFERENCES people ON DELETE CASCADE, kind TEXT NOT NULL,
      given REAL NOT NULL, withdrawn REAL, PRIMARY KEY (member, kind, given)
    ) WITHOUT ROWID;
    CREATE TABLE scores (
      member TEXT NOT NULL REFERENCES people ON DELETE CASCADE, drill TEXT NOT NULL,
      time REAL NOT NULL, score REAL, verdict TEXT NOT NULL, PRIMARY KEY (member, drill, time)
    ) WITHOUT ROWID;
    CREATE INDEX people_last_seen ON people (last_seen)
    """,
)
MOST_NAMES: Final = 50_000  # that a server keeps at hand: of those seen last


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom this site has seen. Times are unix seconds."""

    member: str
    name: str
    language: str
    site: str
    first_seen: float
    last_seen: float


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody has come; an empty name leaves the one that is known."""

    member: str
    name: str
    language: str
    site: str
    time: float


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody has left; of nobody who was erased meanwhile anything is written."""

    member: str
    time: float


@dataclass(frozen=True, slots=True)
class Score:
    """What a drill's verdict says about one person; `score` is None where it gives no number."""

    member: str
    drill: str
    time: float
    score: float | None
    verdict: str


class People:
    """The open store. One thread at a time; several processes may have it open.

    Every method raises `StorageFailed` where the disk will not do it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = open_database(path, STEPS)
        self._db.execute("PRAGMA foreign_keys=ON")

    def __enter__(self) -> People:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- reading -------------------------------------------------------------------------------

    def everybody(self) -> list[Person]:
        """Everybody, those seen last first."""
        return [
            Person(*row)
            for row in self._read("SELECT * FROM people ORDER BY last_seen DESC, member")
        ]

    def get(self, member: str) -> Person | None:
        """One person."""
        rows = self._read("SELECT * FROM people WHERE member=?", (member,))
        return Person(*rows[0]) if rows else None

    def names(self) -> dict[str, str]:
        """Names by pseudonym, of the MOST_NAMES who were seen last."""
        rows = self._read(
            "SELECT member, name FROM people WHERE name<>'' ORDER BY last_seen DESC LIMIT ?",
            (MOST_NAMES,),
        )
        return dict(rows)

    def all_of(self, member: str) -> dict[str, Any]:
        """{person, consents, scores}: everything that is kept here of one person."""
        person = self.get(member)
        consents = self._read(
            "SELECT kind, given, withdrawn FROM consents WHERE member=? ORDER BY given, kind",
            (member,),
        )
        scores = self._read(
            "SELECT drill, time, score, verdict FROM scores WHERE member=? ORDER BY time, drill",
            (member,),
        )
        return {
            "person": None if person is None else asdict(person),
            "consents": [
                dict(zip(("kind", "given", "withdrawn"), row, strict=True)) for row in consents
            ],
            "scores": [
                dict(zip(("drill", "time", "score", "verdict"), row, strict=True)) for row in scores
            ],
        }

    def data_version(self) -> int:
        """A number that changes when another connection has written."""
        return int(self._read("PRAGMA data_version")[0][0])

    # -- writing -------------------------------------------------------------------------------

    def write(self, news: Sequence[Seen | Gone]) -> None:
        """Put what happened into the store, all or nothing."""
        with self._transaction():
            for one in news:
                if isinstance(one, Gone):
                    self._db.execute(
                        "UPDATE people SET last_seen=max(last_seen, ?) WHERE member=?",
                        (one.time, one.member),
                    )
                    continue
                self._db.execute(
                    "INSERT INTO people VALUES (?1,?2,?3,?4,?5,?5) ON CONFLICT (member) DO UPDATE"
                    " SET name=CASE ?2 WHEN '' THEN name ELSE ?2 END, language=?3,"
                    " site=CASE ?4 WHEN '' THEN site ELSE ?4 END, last_seen=max(last_seen, ?5)",
                    (one.member, one.name, one.language, one.site, one.time),
                )

    def give_consent(self, member: str, kind: str, now: float) -> bool:
        """Note that a person consents; False where it is nobody, or where they did already."""
        with self._transaction():
            known = self._db.execute("SELECT 1 FROM people WHERE member=?", (member,)).fetchone()
            stands = self._db.execute(
                "SELECT 1 FROM consents WHERE member=? AND kind=? AND withdrawn IS NULL",
                (member, kind),
            ).fetchone()
            if known is None or stands is not None:
                return False
            self._db.execute("INSERT INTO consents VALUES (?,?,?,NULL)", (member, kind, now))
        return True

    def withdraw_consent(self, member: str, kind: str, now: float) -> bool:
        """Note that a consent no longer stands; False where there was none."""
        with self._transaction():
            changed = self._db.execute(
                "UPDATE consents SET withdrawn=? WHERE member=? AND kind=? AND withdrawn IS NULL",
                (now, member, kind),
            )
        return changed.rowcount > 0

    def add_score(self, score: Score) -> bool:
        """Keep a verdict (again: it is replaced); False where the person is not known here."""
        with self._transaction():
            known = self._db.execute(
                "SELECT 1 FROM people WHERE member=?", (score.member,)
            ).fetchone()
            if known is None:
                return False
            self._db.execute(
                "INSERT OR REPLACE INTO scores VALUES (?,?,?,?,?)",
                (score.member, score.drill, score.time, score.score, score.verdict),
            )
        return True

    def erase(self, members: Iterable[str]) -> int:
        """Remove people with their consents and scores; how many there were.

        Their bytes are overwritten in the file, and its write-ahead log is emptied where no other
        process reads at this moment.
        """
        with self._transaction():
            count = sum(
                self._db.execute("DELETE FROM people WHERE member=?", (one,)).rowcount
                for one in members
            )
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return count

    def not_seen_since(self, time: float) -> list[str]:
        """The pseudonyms of those last seen before a moment."""
        rows = self._read("SELECT member FROM people WHERE last_seen<? ORDER BY member", (time,))
        return [row[0] for row in rows]

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    # -- the file ------------------------------------------------------------------------------

    def _read(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StorageFailed:
        return StorageFailed("server-storage", file=str(self.path), reason=str(error))

    @contextlib.contextmanager
    def _transaction(self) -> Any:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(error) from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
