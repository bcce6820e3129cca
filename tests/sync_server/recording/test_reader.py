"""Reading a recording: whole, cut anywhere, or hostile; any moment against the whole story."""

from __future__ import annotations

import contextlib
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_server.recording import mcap_recorder, reader
from sync_server.recording.contents import VERSION, Clock
from sync_server.recording.mcap_file import McapFile
from sync_server.recording.moment import RoomState
from sync_server.recording.reader import Item, Recording
from sync_server.wire.errors import Refused
from tests.sync_server.recording.support import RecordedRoom, read

TRIES = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A minute of a busy room, with a keyframe every 5 and a snapshot every 7 seconds."""
    path = tmp_path_factory.mktemp("story") / "story.mcap"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mcap_recorder, "SNAPSHOT_EVERY_S", 7.0)
        patch.setattr(mcap_recorder, "SNAPSHOT_PART", 3)  # a snapshot is in several messages
        patch.setattr(mcap_recorder, "CHUNK_EVERY_S", 0.0005)  # many chunks
        recorded = RecordedRoom(path)
        recorded.live(60, random.Random(3))
        recorded.recorder.close()
    yield path


def all_items(recording: Recording) -> list[Item]:
    return [item for block in recording.blocks(0) for item in block]


def told_from_the_start(items: list[Item], moment_ns: int) -> RoomState:
    state = RoomState()
    for item in items:
        if item.log_ns <= moment_ns:
            state.take(item.publish_ns / 1e9, item.content)
    return state


def test_everything_that_mcaps_reader_finds_is_read(story: Path) -> None:
    with contextlib.closing(Recording(story)) as recording:
        assert recording.whole and recording.room == "mine" and recording.scene[0] == "mine"
        assert len(all_items(recording)) == sum(len(found) for found in read(story).values())
        assert recording.damaged == 0


@given(share=st.floats(0, 1))
@settings(TRIES, max_examples=40)
def test_any_moment_is_as_if_told_from_the_start(story: Path, share: float) -> None:
    with contextlib.closing(Recording(story)) as recording:
        moment = recording.start_ns + int((recording.end_ns - recording.start_ns) * share)
        found, told = recording.state_at(moment), told_from_the_start(all_items(recording), moment)
        assert found.members == told.members
        assert found.records == told.records
        assert found.values == told.values


@given(cut=st.floats(0, 1), moment=st.floats(0, 1))
@settings(TRIES, max_examples=40)
def test_a_file_that_ends_anywhere_is_read_up_to_there(
    story: Path, tmp_path: Path, cut: float, moment: float
) -> None:
    data = story.read_bytes()
    part = tmp_path / "part.mcap"
    part.write_bytes(data[: int(len(data) * cut)])
    try:
        opened = Recording(part)
    except Refused as refused:
        assert refused.message_id in {"replay-unreadable", "replay-version"}
        assert not read(part)
        return
    with contextlib.closing(opened) as recording:
        items = all_items(recording)
        assert len(items) == sum(len(found) for found in read(part).values())
        at = recording.start_ns + int((recording.end_ns - recording.start_ns) * moment)
        found, told = recording.state_at(at), told_from_the_start(items, at)
        assert (found.members, found.records) == (told.members, told.records)


@given(data=st.data())
@settings(TRIES, max_examples=60)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    story: Path, tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(story.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.mcap"
    path.write_bytes(content)
    try:
        opened = Recording(path)
    except Refused:
        return
    with contextlib.closing(opened) as recording:
        all_items(recording)
        recording.state_at((recording.start_ns + recording.end_ns) // 2)


def test_a_packed_bomb_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_CHUNK", 1024 * 1024)
    path = tmp_path / "bomb.mcap"
    file = McapFile(path, {"room": "mine"})
    file.write(Clock, 1_000, 1_000, b'{"room_time": 1.0}')
    file.flush()
    begin = path.stat().st_size
    file.write(Clock, 2_000, 2_000, b'{"room_time": 2.0, "x": "' + bytes(64) * 100_000 + b'"}')
    file.flush()
    file.write(Clock, 3_000, 3_000, b'{"room_time": 3.0}')
    file.finish()
    assert path.stat().st_size - begin < 20_000  # six megabytes, packed
    recording = Recording(path)
    assert [item.log_ns for item in all_items(recording)] == [1_000, 3_000]
    assert recording.damaged == 1
    recording.close()


def test_a_chunk_that_lies_about_its_size_is_passed_over(tmp_path: Path) -> None:
    """The frame inside says 1 GB, the chunk's header says ten bytes."""
    packed = zstandard.ZstdCompressor().compress(b"0" * 10)
    frame = packed[:4] + bytes((0xA0,)) + struct.pack("<I", 2**30) + packed[6:]
    assert zstandard.frame_content_size(frame) == 2**30
    path = tmp_path / "lies.mcap"
    file = McapFile(path, {"room": "mine"})
    file.write(Clock, 1_000, 1_000, b'{"room_time": 1.0}')
    file.flush()
    file.cut()
    name = b"zstd"
    chunk = struct.pack("<QQQI", 2_000, 2_000, 10, zlib.crc32(b"0" * 10))
    chunk += struct.pack("<I", len(name)) + name + struct.pack("<Q", len(frame)) + frame
    with path.open("ab") as out:
        out.write(struct.pack("<BQ", 6, len(chunk)) + chunk)
    recording = Recording(path)
    assert [item.log_ns for item in all_items(recording)] == [1_000]
    assert recording.damaged == 1
    recording.close()


@pytest.mark.parametrize("content", [b"", b"\x89MCAP0\r\n", b"hello" * 100])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.mcap"
    path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        Recording(path)
    assert refused.value.message_id in {"replay-unreadable", "replay-version"}
    with pytest.raises(Refused) as refused:
        Recording(tmp_path / "nothing.mcap")
    assert refused.value.message_id == "replay-unreadable"


def test_a_recording_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.mcap"
    file = McapFile(path, {"version": str(int(VERSION) + 1)})
    file.write(Clock, 1, 1, b'{"room_time": 1.0}')
    file.finish()
    with pytest.raises(Refused) as refused:
        Recording(path)
    assert refused.value.message_id == "replay-version"
