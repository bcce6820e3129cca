"""Keeps the people store up to date while a server runs: writes on a thread, names at hand.

No call from the event loop waits for the disk; a disk that refuses costs the news, not the room.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sync_server.storage.database import StorageFailed
from sync_server.storage.people import MOST_NAMES, Gone, People, Score, Seen

log = logging.getLogger("kenish.people")

BATCH_S: Final = 0.5  # what comes within it is written at once
MOST_WAITING: Final = 20_000


class PeopleKeeper:
    """Owns a `People` store from now on; `close` writes what waits and closes it."""

    def __init__(self, people: People) -> None:
        self.left_out = 0
        self._people = people
        self._news: queue.Queue[Seen | Gone | Score] = queue.Queue(MOST_WAITING)
        self._lock = threading.Lock()
        self._names = people.names()
        self._unwritten: dict[str, str] = {}
        self._judged: dict[str, Any] = {}  # drill -> the run whose verdicts are kept
        self._version = people.data_version()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="people", daemon=True)
        self._thread.start()

    # -- on the event loop ---------------------------------------------------------------------

    def names_of(self, members: Iterable[str]) -> dict[str, str]:
        """Names by pseudonym, of those among `members` whom this site knows."""
        with self._lock:
            return {one: self._names[one] for one in members if one in self._names}

    def entered(self, member: str, name: str, language: str, site: str, now: float) -> None:
        """Somebody has come."""
        if name:
            with self._lock:
                if member in self._names or len(self._names) < MOST_NAMES:
                    self._names[member] = name
                self._unwritten[member] = name
        self._put(Seen(member, name, language, site, now))

    def left(self, member: str, now: float) -> None:
        """Somebody has gone."""
        self._put(Gone(member, now))

    def drill_told(self, state: Mapping[str, Any], now: float) -> None:
        """A `drill_state` is stored: once a run has ended, each person's verdict is kept."""
        drill, run = str(state.get("drill", "")), state.get("run")
        if state.get("phase") != "ended" or self._judged.get(drill) == run:
            return
        self._judged[drill] = run
        for member, row in state.get("people", {}).items():
            if row.get("verdict"):
                self._put(Score(member, drill, now, row.get("score"), row["verdict"]))

    def _put(self, one: Seen | Gone | Score) -> None:
        try:
            self._news.put_nowait(one)
        except queue.Full:
            self.left_out += 1

    def close(self) -> None:
        """Write what waits; waits for the disk, so call it from a thread."""
        self._closing.set()
        self._thread.join(timeout=10.0)

    # -- on its own thread ---------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closing.wait(BATCH_S):
                self._step()
            self._step()
        finally:
            self._people.close()

    def _step(self) -> None:
        news: list[Seen | Gone | Score] = []
        try:
            while True:
                news.append(self._news.get_nowait())
        except queue.Empty:
            pass
        try:
            if news:
                self._people.write([one for one in news if not isinstance(one, Score)])
            for one in news:
                if isinstance(one, Score):
                    self._people.add_score(one)
            self._take_changes_of_others()
        except StorageFailed as error:
            self.left_out += len(news)
            log.error("cannot write the people store: %s", error.arguments.get("reason", ""))
        with self._lock:
            for one in news:
                if isinstance(one, Seen) and self._unwritten.get(one.member) == one.name:
                    del self._unwritten[one.member]

    def _take_changes_of_others(self) -> None:
        """Somebody was erased by `kenish people`, say: forget the name here too."""
        version = self._people.data_version()
        if version == self._version:
            return
        names = self._people.names()
        with self._lock:
            self._names = names | self._unwritten
        self._version = version
