"""A server's twin with a cache on this disk: what is here is not fetched, and works offline.

While the server can be asked its listing decides what may be shown; only where it is out of reach
the one that it gave last does. What it does not list is never written to the disk.
"""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from scenes.errors import Refused
from scenes.twin import SCENE_FILE
from vr_app.errors import SourceChanged, SourceError, SourceLost
from vr_app.stream.disk_cache import DiskCache, content_hash
from vr_app.stream.http_source import HttpSource
from vr_app.stream.listing import (
    LISTING_FILE,
    MAX_LISTING_BYTES,
    Listing,
    Pin,
    parse_listing,
)
from vr_app.stream.seen_twins import SeenTwin, SeenTwins, keepable_scene

log = logging.getLogger("kenish.stream")

DECIDE_S: Final = 45.0  # the longest that a reader waits for the server's word on what is cached
EARLY_BYTES: Final = 128 * 1024 * 1024  # of what was fetched before the first listing came
ASK_AGAIN_S: Final = 10.0
NOT_READY_S: Final = 2.0
NOT_READY_LONGEST_S: Final = 60.0
FORBIDDEN: Final = (401, 403)


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """Bytes of files as they are: out of the cache, and from the server; and those on the line."""

    from_cache: int
    from_server: int
    on_the_wire: int
    requests: int


class CachedSource:
    """`server`'s files through `cache`; `who` names the person and the address in `seen`, and
    `last_seen` is what is remembered of them there.

    `refused`: whether the room has sent us away, after which nothing is given any more.
    """

    def __init__(
        self,
        server: HttpSource,
        cache: DiskCache,
        seen: SeenTwins,
        who: str,
        last_seen: SeenTwin | None = None,
        refused: Callable[[], bool] = bool,
    ) -> None:
        self.name = server.name
        self.changed = False
        self._server, self._cache, self._seen, self._who = server, cache, seen, who
        self._refused = refused
        self._lock = threading.Lock()
        self._stored = last_seen
        self._scene = ""  # as it may be kept
        self._latest: tuple[bytes, str] | None = None  # the server's listing and its ETag
        self._files: Listing | None = None
        self._folders: frozenset[str] = frozenset()  # whose files are all listed
        self._decided = threading.Event()
        self._early: list[tuple[str, bytes]] = []
        self._early_bytes = 0
        self._from_cache = self._from_server = 0
        self._closed = threading.Event()
        self._asking = threading.Lock()
        self._asked_at = float("-inf")
        server.back = self._ask_again
        threading.Thread(target=self._ask_again, name="listing", daemon=True).start()

    # -- reading -------------------------------------------------------------------------------

    def kept(self, path: str) -> bytes | None:
        """See `TwinSource.kept`; waits until the server has said what may be shown, or cannot."""
        if self._refused():
            raise SourceError("source-refused", path=path)
        if self._stored is not None:
            self._decided.wait(DECIDE_S)
        pin = self._pin(path)
        data = None if pin is None else self._cache.get(pin.hash, pin.size)
        if data is not None:
            with self._lock:
                self._from_cache += len(data)
        return data

    def read(self, path: str) -> bytes:
        """See `TwinSource.read`. Raises `SourceChanged` for a file of a newer twin."""
        found = self.kept(path)
        if found is not None:
            return found
        pin = self._pin(path)
        if pin is None and path.rpartition("/")[0] in self._folders:
            # Listed are all files of a folder: this one is not there, and nobody need be asked.
            raise SourceError("source-unreadable", path=path, reason="-")
        try:
            if path == SCENE_FILE:
                return self._read_scene()
            data = self._server.read(path, None if pin is None else pin.size)
        except SourceLost as error:
            stored = self._stored
            if path != SCENE_FILE or stored is None or error.denied:
                raise
            return stored.scene.encode()  # offline
        except SourceError as error:
            if pin is None or self._closed.is_set():
                raise
            raise self._unlike(path) from error
        with self._lock:
            self._from_server += len(data)
        pin = pin or self._pin(path)  # the listing may have come meanwhile
        if pin is not None:
            self._keep(path, data, pin)
        else:
            self._keep_early(path, data)
        return data

    def _read_scene(self) -> bytes:
        """The scene, which is asked for even where it is here: it says who may see what."""
        kept = self._stored.scene.encode() if self._stored is not None else b""
        # A scene that was shortened to be kept has another tag than the server's.
        headers = {"If-None-Match": f'"{content_hash(kept)}"'} if kept else {}
        answer = self._server.fetch(SCENE_FILE, headers)
        if kept and answer.status == http.client.NOT_MODIFIED:
            with self._lock:
                self._from_cache += len(kept)
            self._keep_scene(kept)
            return kept
        if answer.status != http.client.OK:
            reason = f"HTTP {answer.status}"
            raise SourceError("source-unreadable", path=SCENE_FILE, reason=reason)
        with self._lock:
            self._from_server += len(answer.data)
        self._keep_scene(answer.data)
        return answer.data

    def _pin(self, path: str) -> Pin | None:
        return None if self._files is None else self._files.get(path)

    def _keep(self, path: str, data: bytes, pin: Pin) -> None:
        if len(data) != pin.size or content_hash(data) != pin.hash:
            raise self._unlike(path)
        self._cache.put(data)

    def _keep_early(self, path: str, data: bytes) -> None:
        with self._lock:
            if not self._decided.is_set() and self._early_bytes + len(data) <= EARLY_BYTES:
                self._early.append((path, data))
                self._early_bytes += len(data)

    def _unlike(self, path: str) -> SourceError:
        """A file is not as it was listed: perhaps the twin is another one there by now."""
        now = time.monotonic()
        with self._lock:
            due = now - self._asked_at > ASK_AGAIN_S
            self._asked_at = now if due else self._asked_at
        if due:
            self._ask_again()
        if self.changed:
            return SourceChanged("source-changed", path=path)
        return SourceError("source-unlike", path=path)

    # -- what the server lists -----------------------------------------------------------------

    def _ask_again(self) -> None:
        """In a thread of its own, at the beginning and whenever the server is found again."""
        wait = NOT_READY_S
        with self._asking:
            while not self._ask():
                self._decide(None)  # nobody waits for it
                if self._closed.wait(wait):
                    return
                wait = min(wait * 2, NOT_READY_LONGEST_S)

    def _ask(self) -> bool:
        """Ask for the listing once; False where the server is still making it."""
        known = self._latest[1] if self._latest else self._stored.etag if self._stored else ""
        headers = {"If-None-Match": known} if known else {}
        try:
            answer = self._server.fetch(LISTING_FILE, headers, MAX_LISTING_BYTES)
        except SourceLost as error:
            if error.denied:
                return True  # the session is about to get a token; then we are called again
            # Not a word of the server: what it said last holds until it can be asked.
            self._decide(self._stored_files())
            return True
        except SourceError as error:
            if not self._closed.is_set():
                log.warning("%s", error)
            self._decide(None)
            return True
        if answer.status == http.client.ACCEPTED:
            return False
        if answer.status == http.client.NOT_MODIFIED:
            self._decide(self._stored_files())
        elif answer.status == http.client.OK:
            self._take(answer.data, answer.headers.get("ETag", ""))
        else:
            if answer.status in FORBIDDEN:
                self._seen.forget(self._who)
                self._stored = None
            self._decide(None)
        return True

    def _stored_files(self) -> Listing | None:
        if self._files is not None or self._stored is None:
            return self._files
        return self._stored.files()

    def _take(self, data: bytes, etag: str) -> None:
        try:
            files = parse_listing(data)
        except ValueError as error:
            log.warning("%s: %s: %s", self.name, LISTING_FILE, error)
            self._decide(None)
            return
        self._latest = data, etag
        held = self._files
        self._decide(files)
        if held is not None and any(files.get(path) != pin for path, pin in held.items()):
            if not self.changed:
                log.warning("%s: the twin is another one there now", self.name)
            self.changed = True
        self._remember()

    def _decide(self, files: Listing | None) -> None:
        """The first word holds as long as this source: a twin is never mixed from two."""
        with self._lock:
            if self._files is None and files is not None:
                self._files = files
                self._folders = frozenset(path.rpartition("/")[0] for path in files)
            early, self._early = self._early, []
        for path, data in early:
            pin = self._pin(path)
            if pin is not None and len(data) == pin.size and content_hash(data) == pin.hash:
                self._cache.put(data)
        self._decided.set()

    def _keep_scene(self, data: bytes) -> None:
        try:
            self._scene = keepable_scene(data.decode("utf-8", "replace"), self.name)
        except Refused:
            return  # whoever reads it says what is wrong
        self._remember()

    def _remember(self) -> None:
        with self._lock:
            stored = self._stored
            listing = self._latest or ((stored.listing, stored.etag) if stored else None)
            if not self._scene or listing is None:
                return
            fresh = SeenTwin(self._scene, *listing)
            if fresh == stored:
                return
            try:
                self._seen.save(self._who, fresh)
            except OSError as error:
                log.warning("%s", error)

    # -- the line ------------------------------------------------------------------------------

    @property
    def returns(self) -> int:
        """See `TwinSource.returns`."""
        return self._server.returns

    @property
    def lost(self) -> bool:
        """Whether the server is out of reach now."""
        return self._server.lost

    def counts(self) -> SourceCounts:
        """Bytes read so far."""
        server = self._server
        return SourceCounts(self._from_cache, self._from_server, server.wire_bytes, server.asked)

    @property
    def files(self) -> Listing:
        """What may be kept; waits for the server's word. Raises `SourceError`: there is none."""
        self._decided.wait(DECIDE_S)
        if self._files is None:
            raise SourceError("source-unlisted", address=self.name)
        return self._files

    def here(self, pin: Pin) -> bool:
        """Whether a file is on this disk."""
        return self._cache.has(pin.hash, pin.size)

    def use(self, pin: Pin) -> None:
        """A file on this disk is wanted soon: others go first."""
        self._cache.touch(pin.hash)

    def close(self) -> None:
        """Give connections back; reading goes on failing afterwards."""
        self._closed.set()
        self._decided.set()
        self._server.close()
