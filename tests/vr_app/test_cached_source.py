"""A twin from a real server through the cache: what is fetched, kept, shown offline, to whom."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.schema import Layer
from scenes.twin import SCENE_FILE, read_scene, save_scene
from tests.sync_server.support import (
    ServerProcess,
    make_twin,
    running_server,
    small_scene,
    until,
)
from tests.vr_app.line_relay import line_to
from vr_app.errors import SourceChanged, SourceError, SourceLost
from vr_app.session import RoomSession
from vr_app.stream.cached_source import CachedSource
from vr_app.stream.disk_cache import DiskCache
from vr_app.stream.http_source import HttpSource
from vr_app.stream.listing import parse_listing
from vr_app.stream.seen_twins import SeenTwin, SeenTwins

TILE = "tiles/drift/0.glb"
ORE = "tiles/ore/0.glb"
TEXT = b"a line that repeats itself\n" * 400


def tiles(folder: Path) -> dict[str, bytes]:
    """The small scene with a layer of each level, and what the files of each hold."""
    make_twin(folder)
    layers = [
        Layer(id="drift", access="public"),
        Layer(id="shaft", access="project"),
        Layer(id="ore", access="restricted", walkable=False, title={"en": "Grade of gold"}),
    ]
    save_scene(folder, small_scene().model_copy(update={"layers": layers}))
    made = {"walk/walk.npz": bytes(range(256)) * 4000}
    for layer in ("drift", "shaft", "ore"):
        for number in range(4):
            made[f"tiles/{layer}/{number}.glb"] = f"{layer} {number}\n".encode() + TEXT
    for path, data in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return made


@dataclass(slots=True)
class Visit:
    """Somebody in a room, and the twin as they get it."""

    session: RoomSession
    source: CachedSource


class Place:
    """A twin, its server's state, and a cache that outlives visits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.twin = folder / "twin"
        self.content = tiles(self.twin)
        self.port = 0

    @contextlib.contextmanager
    def server(self, *more: str) -> Iterator[ServerProcess]:
        words = ("--open", "engineer", *more)
        with running_server(self.twin, self.folder / "state", *words, port=self.port) as server:
            self.port = server.port
            yield server

    @contextlib.contextmanager
    def visit(
        self, role: str = "engineer", who: str = "me", port: int = 0, joins: bool = True
    ) -> Iterator[Visit]:
        cache, seen = DiskCache(self.folder / "cache"), SeenTwins(self.folder / "cache")
        stored = seen.load(who)
        url = f"ws://127.0.0.1:{port or self.port}/mine"
        session = RoomSession(url, who, role, patient=stored is not None)
        session.start()
        if joins:
            until(lambda: session.status.state == "joined", str(session.status))
        else:
            until(lambda: session.status.state == "reconnecting", str(session.status))
        server = HttpSource(lambda: session.http_base, lambda: session.http_token, name=url)
        source = CachedSource(
            server, cache, seen, who, stored, lambda: session.status.state == "refused"
        )
        try:
            yield Visit(session, source)
        finally:
            source.close()
            session.close()

    def on_disk(self) -> bytes:
        """Everything that was kept, in one."""
        kept = [one for one in (self.folder / "cache").rglob("*") if one.is_file()]
        return b"".join(one.read_bytes() for one in kept)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def read_all(place: Place, source: CachedSource, *withheld: str) -> None:
    for path, data in place.content.items():
        if not path.startswith(withheld or ("-",)):
            assert source.read(path) == data


def settle(source: CachedSource) -> None:
    """Until the server has listed its files."""
    assert source.files


def test_a_second_visit_fetches_only_the_scene_and_what_is_restricted(place: Place) -> None:
    with place.server():
        with place.visit() as first:
            settle(first.source)
            first.source.read(SCENE_FILE)
            read_all(place, first.source)
            counts = first.source.counts()
            assert counts.from_cache == 0
            assert counts.from_server > sum(map(len, place.content.values()))
        with place.visit() as second:
            second.source.read(SCENE_FILE)
            read_all(place, second.source)
            counts = second.source.counts()
            ore = sum(len(data) for path, data in place.content.items() if "/ore/" in path)
            assert counts.from_cache == sum(map(len, place.content.values())) - ore
            # The listing (unchanged), the scene, and four tiles that no disk may hold.
            assert counts.requests == 6


def test_what_came_before_the_listing_is_kept_as_well(place: Place) -> None:
    with place.server():
        with place.visit() as first:
            assert first.source.read(TILE) == place.content[TILE]
            settle(first.source)
        with place.visit() as second:
            settle(second.source)
            assert second.source.kept(TILE) == place.content[TILE]


def test_nothing_restricted_is_ever_on_the_disk(place: Place) -> None:
    with place.server(), place.visit() as engineer:
        settle(engineer.source)
        assert b"gold" in engineer.source.read(SCENE_FILE)
        read_all(place, engineer.source)
        assert engineer.source.read(ORE) == place.content[ORE]
    kept = place.on_disk()
    assert b"drift 0" in kept and b"shaft 0" in kept
    assert b"ore 0" not in kept and b"gold" not in kept
    with place.visit(joins=False) as offline:
        scene = read_scene(offline.source.read(SCENE_FILE).decode(), "kept")
        assert [layer.id for layer in scene.layers] == ["drift", "shaft"]
        assert scene.withheld_layers == 1


def test_another_role_on_this_machine_gets_what_the_server_gives_it(place: Place) -> None:
    with place.server():
        with place.visit("engineer", "boss") as boss:
            settle(boss.source)
            boss.source.read(SCENE_FILE)
            read_all(place, boss.source)
        with place.visit("observer", "guest") as guest:
            settle(guest.source)
            guest.source.read(SCENE_FILE)
            for path, data in place.content.items():
                if "/drift/" in path:
                    assert guest.source.kept(path) == data  # found by its content
                else:
                    assert guest.source.kept(path) is None
                    with pytest.raises(SourceError) as refused:
                        guest.source.read(path)
                    assert refused.value.arguments["reason"] == "HTTP 403"
    with place.visit("observer", "guest", joins=False) as guest:  # and so it stays offline
        assert guest.source.read(TILE) == place.content[TILE]
        with pytest.raises(SourceLost):
            guest.source.read("tiles/shaft/0.glb")
        scene = read_scene(guest.source.read(SCENE_FILE).decode(), "kept")
        assert [layer.id for layer in scene.layers] == ["drift"]


def test_offline_it_opens_as_it_was_and_joins_when_the_server_is_there(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    with place.server(), place.visit() as first:
        settle(first.source)
        first.source.read(SCENE_FILE)
        assert first.source.read(TILE) == place.content[TILE]
    caplog.set_level(logging.INFO)
    with place.visit(joins=False) as later:
        source = later.source
        assert read_scene(source.read(SCENE_FILE).decode(), "kept").name == "mine"
        assert source.read(TILE) == place.content[TILE]
        for number in range(1, 4):
            for _again in range(20):
                with pytest.raises(SourceLost):
                    source.read(f"tiles/drift/{number}.glb")
        assert source.returns == 0 and later.session.away_s > 0
        lost = [one for one in caplog.messages if "cannot be reached" in one]
        assert len(lost) == 1  # however many tiles were wanted
        with place.server():
            until(lambda: later.session.status.state == "joined")
            until(lambda: source.returns == 1)
            assert source.read("tiles/drift/3.glb") == place.content["tiles/drift/3.glb"]
            assert later.session.away_s == 0 and not source.changed


def test_a_server_that_is_killed_and_started_again_is_found(place: Place) -> None:
    with contextlib.ExitStack() as stack:
        with place.server() as server, contextlib.ExitStack() as visiting:
            visit = visiting.enter_context(place.visit())
            source = visit.source
            settle(source)
            assert source.read(TILE) == place.content[TILE]
            server.kill()
            with pytest.raises(SourceLost):
                source.read("tiles/drift/1.glb")
            assert source.read(TILE) == place.content[TILE]  # what is here stays
            stack.push(visiting.pop_all())
        with place.server():
            until(lambda: source.returns == 1, "found again")
            read_all(place, source)
            until(lambda: visit.session.status.state == "joined")
        stack.close()


def test_a_twin_that_was_baked_anew_is_not_mixed_with_the_old_one(place: Place) -> None:
    with place.server():
        with place.visit() as visit:
            settle(visit.source)
            assert visit.source.read(TILE) == place.content[TILE]
            fresh = b"another bake\n" + TEXT
            (place.twin / "tiles/drift/1.glb").write_bytes(fresh)
            (place.twin / "tiles/drift/2.glb").unlink()

            def refused() -> bool:
                with pytest.raises(SourceError) as error:
                    visit.source.read("tiles/drift/1.glb")
                return isinstance(error.value, SourceChanged)

            # The server looks at its files every few seconds only.
            visit.source._asked_at = float("-inf")
            until(lambda: _ask_soon(visit.source) and refused())
            assert visit.source.changed
            with pytest.raises(SourceChanged):
                visit.source.read("tiles/drift/2.glb")
            assert visit.source.read(TILE) == place.content[TILE]
        with place.visit() as again:
            settle(again.source)
            assert again.source.read("tiles/drift/1.glb") == fresh
            assert again.source.kept(TILE) == place.content[TILE]  # the same content as before


def _ask_soon(source: CachedSource) -> bool:
    source._asked_at = float("-inf")
    return True


def test_who_is_sent_away_gets_nothing_more(place: Place) -> None:
    with place.server(), place.visit() as visit:
        settle(visit.source)
        assert visit.source.read(TILE) == place.content[TILE]
        visit.source._refused = lambda: True
        for read in (visit.source.read, visit.source.kept):
            with pytest.raises(SourceError) as refused:
                read(TILE)
            assert refused.value.message_id == "source-refused"


def test_a_damaged_file_of_the_cache_is_fetched_again(place: Place) -> None:
    with place.server():
        with place.visit() as first:
            settle(first.source)
            read_all(place, first.source)
        for file in (place.folder / "cache" / "blobs").rglob("*"):
            if file.is_file():
                file.write_bytes(file.read_bytes()[:-1] + b"!")
        for file in (place.folder / "cache" / "twins").rglob("*.seen"):
            file.write_bytes(file.read_bytes()[:-9])
        with place.visit() as second:
            settle(second.source)
            read_all(place, second.source)
            assert second.source.counts().from_cache == 0


def test_a_silent_line_is_left_after_its_time_and_the_cache_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vr_app.stream.http_source.TIMEOUT_S", 0.5)
    with place.server() as server:
        _, _, http_port = server.http.rpartition(":")
        with line_to(int(http_port)) as line:
            source = CachedSource(
                HttpSource(f"http://127.0.0.1:{line.port}"),
                DiskCache(place.folder / "cache"),
                SeenTwins(place.folder / "cache"),
                "nobody",
            )
            settle(source)
            assert source.read(TILE) == place.content[TILE]
            line.silent = True
            with pytest.raises(SourceLost):
                source.read("tiles/drift/1.glb")
            assert source.read(TILE) == place.content[TILE]
            line.cut()
            line.silent = False
            until(lambda: source.returns == 1)
            assert source.read("tiles/drift/1.glb") == place.content["tiles/drift/1.glb"]
            source.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(
    st.one_of(
        json_values.map(lambda value: json.dumps(value).encode()),
        st.binary(max_size=60),
        st.dictionaries(st.text(max_size=8), json_values, max_size=3).map(
            lambda files: json.dumps({"version": 1, "files": files}).encode()
        ),
        st.tuples(st.text(max_size=40), st.integers()).map(
            lambda one: json.dumps({"version": 1, "files": {"a": list(one)}}).encode()
        ),
        st.just(b"[" * 200_000),
        st.just(json.dumps({"version": 1, "files": {"a": ["0" * 32, True]}}).encode()),
    )
)
@settings(max_examples=300, deadline=None)
def test_a_listing_is_taken_whole_and_valid_or_refused(data: bytes) -> None:
    try:
        files = parse_listing(data)
    except ValueError:
        return
    for path, pin in files.items():
        assert (
            len(path) <= 1024 and len(pin.hash) == 32 and set(pin.hash) <= set("0123456789abcdef")
        )
        assert type(pin.size) is int and 0 <= pin.size <= 512 * 1024 * 1024


@given(st.text(max_size=40), st.binary(max_size=40), st.text(max_size=10), st.data())
@settings(max_examples=100, deadline=None)
def test_what_was_seen_comes_back_as_it_was_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory,
    scene: str,
    noise: bytes,
    etag: str,
    data: st.DataObject,
) -> None:
    scene = scene.encode("utf-8", "replace").decode()
    folder = tmp_path_factory.mktemp("seen")
    seen = SeenTwins(folder)
    listing = json.dumps({"version": 1, "files": {"tiles/a": ["0" * 32, 5]}}).encode()
    kept = SeenTwin(scene, listing, etag)
    seen.save("../../me", kept)
    assert seen.load("../../me") == kept
    assert seen.load("you") is None
    (file,) = [one for one in folder.rglob("*") if one.is_file()]
    whole = file.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    file.write_bytes(whole[:cut] + noise + whole[cut + len(noise) + 1 :])
    assert seen.load("../../me") in (None, kept)
    seen.forget("../../me")
    assert seen.load("../../me") is None
