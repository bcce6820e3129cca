"""Recordings: what happened in a real room is in the file, also after a crash, without names."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from mcap.reader import NonSeekingReader, make_reader
from mcap.records import Message
from mcap.stream_reader import StreamReader

from sync_server.recording import mcap_recorder
from sync_server.recording.mcap_recorder import SCHEMAS, TOPICS, McapRecorder
from sync_server.room.effects import LogEntry
from sync_server.wire.errors import ServerError
from sync_server.wire.messages import Ack
from sync_server.wire.poses import MemberPose, Placed, PoseEncoder
from tests.sync_server.support import make_twin, raw_member, running_server, until


def read(path: Path) -> dict[str, list[tuple[float, dict[str, Any]]]]:
    """Everything in a file that is whole or was cut short: topic -> (time, content)."""
    found: dict[str, list[tuple[float, dict[str, Any]]]] = defaultdict(list)
    channels: dict[int, str] = {}
    with path.open("rb") as file:
        try:
            for record in StreamReader(file).records:
                if type(record).__name__ == "Channel":
                    channels[record.id] = record.topic
                elif isinstance(record, Message):
                    at = record.log_time / 1e9
                    found[channels[record.channel_id]].append((at, json.loads(record.data)))
        except Exception as error:
            assert type(error).__name__ in {"EndOfFile", "InvalidMagic"}, error
    return found


def live(path: Path, url: str) -> str:
    """A member walks and marks until all of it is in the file; gives its id."""
    with raw_member(url, name="Very Personal Name") as member:
        encoder = PoseEncoder()
        member.command("annotation", {"position": [1.0, 2.0, 3.0], "text": "crack"})
        member.receive_until(Ack)
        step = 0

        def walked() -> bool:
            nonlocal step
            step += 1
            pose = MemberPose(Placed((step * 0.05, 0.0, 1.6)), pointer=(9.0, 9.0, 2.0))
            frame = encoder.encode(pose, int(time.time() * 1000))
            assert frame is not None
            member.socket.send(frame)
            time.sleep(0.02)
            seen = read(path) if step % 10 == 0 else {}
            return all(seen.get(topic) for topic in TOPICS.values())

        until(walked)
        return member.joined.member


@pytest.mark.parametrize("ending", ["sigterm", "sigkill"])
def test_a_room_is_recorded(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "session.mcap"
    twin = make_twin(tmp_path / "twin")
    options = ("--open", "engineer", "--simulate", "--record", str(path))
    with running_server(twin, tmp_path / "state", *options) as server:
        member = live(path, server.url)
        if ending == "sigterm":
            assert server.stop() == 0
        else:
            server.kill()
    found = read(path)
    assert found.keys() == set(TOPICS.values())
    poses = found["/poses"]
    assert {content["member"] for _, content in poses} == {member}
    assert poses[0][1]["head"]["position"][2] == pytest.approx(1.6, abs=0.001)
    assert poses[0][1]["pointer"] == pytest.approx([9.0, 9.0, 2.0], abs=0.001)
    span = poses[-1][0] - poses[0][0]
    assert len(poses) <= span * 20 + 2
    ((_, record),) = found["/records"]
    assert (record["kind"], record["payload"]["text"]) == ("annotation", "crack")
    assert record["author"] == member
    assert found["/observations"][0][1]["datastream"] == "co"
    assert b"Personal" not in path.read_bytes()
    if ending == "sigterm":
        with path.open("rb") as file:
            summary = make_reader(file).get_summary()
            assert summary is not None and summary.statistics is not None
            assert summary.statistics.message_count == sum(len(v) for v in found.values())
            assert {s.encoding for s in summary.schemas.values()} == {"jsonschema"}
            reader = NonSeekingReader(file)
            assert reader is not None


def test_a_disk_that_refuses_ends_the_recording_and_nothing_else(tmp_path: Path) -> None:
    recorder = McapRecorder(tmp_path / "x.mcap", "mine", 1.0)

    def full(_data: bytes) -> int:
        raise OSError(28, "No space left on device")

    recorder._file.write = full  # type: ignore[method-assign]
    recorder.clock(2.0)
    until(lambda: recorder.failed)
    recorder.entry(LogEntry(1, "c", "m-1", "message", "create", "r", 2.0, {"text": "x"}))
    recorder.close()
    assert recorder.left_out == 1


def test_a_defect_ends_the_recording_and_closing_does_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcap_recorder, "QUEUE_LIMIT", 2)
    recorder = McapRecorder(tmp_path / "x.mcap", "mine", 1.0)
    recorder.entry(LogEntry(1, "c", "m-1", "message", "create", "r", 2.0, {"text": object()}))
    until(lambda: recorder.failed)
    for second in range(10):  # far more than the queue holds
        recorder.clock(second)
    recorder.close()
    assert not recorder._thread.is_alive()


def test_a_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerError) as failed:
        McapRecorder(tmp_path / "file" / "x.mcap", "mine", 1.0)
    assert failed.value.message_id == "server-recording"


def test_every_topic_has_a_schema() -> None:
    assert SCHEMAS.keys() == TOPICS.keys()
    for schema in SCHEMAS.values():
        assert set(schema["required"]) == set(schema["properties"])
