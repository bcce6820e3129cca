"""A pure room with a recorder and a clock that is set by hand, and mcap's own reader as oracle."""

from __future__ import annotations

import hashlib
import json
import random
import struct
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mcap.exceptions import EndOfFile, InvalidMagic
from mcap.reader import make_reader
from mcap.records import Channel, Message
from mcap.stream_reader import StreamReader

from sync_server.recording.mcap_recorder import McapRecorder
from sync_server.room.effects import Broadcast, Effect, Store
from sync_server.sensors.observation import Observation
from sync_server.wire.messages import Bye, Joined
from sync_server.wire.poses import MemberPose, Placed, PoseEncoder
from tests.sync_server.rooms import NOW, command, join, make_room, scene

Found = dict[str, list[tuple[float, dict[str, Any]]]]
CHECKSUM = hashlib.sha256(b"scene").hexdigest()


def read(path: Path) -> Found:
    """Everything in a file, by mcap's stream reader: topic -> (log time, content).

    A file may be cut short anywhere; what is whole before that is given.
    """
    found: Found = defaultdict(list)
    channels: dict[int, str] = {}
    with path.open("rb") as file:
        try:
            for record in StreamReader(file, validate_crcs=True).records:
                if isinstance(record, Channel):
                    channels[record.id] = record.topic
                elif isinstance(record, Message):
                    at = record.log_time / 1e9
                    found[channels[record.channel_id]].append((at, json.loads(record.data)))
        except (EndOfFile, InvalidMagic, struct.error):
            pass
    return dict(found)


def metadata(path: Path) -> dict[str, str]:
    """The metadata called "kenish" of a whole file."""
    with path.open("rb") as file:
        (one,) = [m for m in make_reader(file).iter_metadata() if m.name == "kenish"]
    return dict(one.metadata)


class RecordedRoom:
    """A room whose every effect is carried out at once and recorded."""

    def __init__(self, path: Path, minutes: float = 120.0) -> None:
        self.now = NOW
        self.room = make_room()
        self.recorder = McapRecorder(
            path, self.room, scene(), CHECKSUM, lambda: self.now, minutes=minutes
        )
        self._encoders: dict[int, PoseEncoder] = {}

    def carry_out(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Store(entry):
                    self.recorder.entry(entry)
                case Broadcast(message):
                    self.recorder.broadcast(message)

    def join(self, name: str = "Somebody Particular") -> int:
        number = join(self.room, now=self.now, name=name)
        member = self.room.members.get(number)
        assert member is not None
        self.recorder.broadcast(Joined(member=member.info()))
        self._encoders[number] = PoseEncoder()
        return number

    def leave(self, number: int) -> None:
        self.carry_out(self.room.handle(self.now, number, Bye()))
        del self._encoders[number]

    def command(self, number: int, kind: str, payload: dict[str, Any], **more: Any) -> str:
        one = command(kind, payload, **more)
        self.carry_out(self.room.handle(self.now, number, one))
        return one.record or one.id

    def walk(self, number: int, position: tuple[float, float, float]) -> None:
        member = self.room.members.get(number)
        assert member is not None
        pose = MemberPose(Placed(position), left=Placed(position), pointer=(0.0, position[0], 1.0))
        frame = self._encoders[number].encode(pose, int(self.now * 1000))
        if frame is not None:
            self.room.pose(self.now, number, frame)
            self.recorder.pose(self.now, member)

    def observe(self, value: float) -> None:
        one = Observation("co", self.now, value, "good", self.now, "simulator")
        self.recorder.observations(self.now, [one])
        self.carry_out(self.room.observe(self.now, [one]))

    def second(self) -> None:
        """The next second begins."""
        self.now += 1.0
        self.recorder.clock(self.now)

    def live(self, seconds: int, chance: random.Random) -> None:
        """People come, walk, write, delete and go for so long."""
        numbers: list[int] = [self.join()]
        written: list[tuple[int, str]] = []
        for _second in range(seconds):
            for step in range(5):
                self.now += 0.1
                for number in numbers:
                    self.walk(number, (chance.uniform(-40, 40), step * 0.1, 1.6))
            match chance.randrange(6):
                case 0 if len(numbers) < 5:
                    numbers.append(self.join())
                case 1 if len(numbers) > 1:
                    self.leave(numbers.pop(chance.randrange(len(numbers))))
                    written = [one for one in written if one[0] in numbers]
                case 2 if written:
                    number, record = written.pop(chance.randrange(len(written)))
                    self.command(number, "annotation", {}, op="delete", record=record)
                case _:
                    number = chance.choice(numbers)
                    mark = {"position": [self.now % 7, 0.0, 1.0], "text": f"at {self.now:.1f}"}
                    written.append((number, self.command(number, "annotation", mark)))
            self.observe(chance.uniform(0, 50))
            self.now += 0.5 - 1.0
            self.second()
