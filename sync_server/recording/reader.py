"""Opens a recording: its index, its messages from any moment on, and how the room stood then.

Reads a chunk at a time, also from a file that a crash has cut short. The file is not trusted:
sizes are bounded, and what does not fit the layout is passed over and counted.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.records import Channel, Chunk, Message
from mcap.stream_reader import CRCValidationError, breakup_chunk
from pydantic import ValidationError

from sync_server.recording.contents import TOPICS, VERSION, Content, Keyframe, Snapshot
from sync_server.recording.index import ChunkPlace, Index, read_index
from sync_server.recording.moment import RoomState
from sync_server.wire.errors import Refused

MAX_CHUNK: Final = 16 * 1024 * 1024  # bytes, unpacked
_MODELS: Final[dict[str, type[Content]]] = {topic: model for model, topic in TOPICS.items()}
_BROKEN: Final = (
    McapError,
    CRCValidationError,
    zstandard.ZstdError,
    struct.error,
    ValueError,
    EOFError,
)


@dataclass(frozen=True, slots=True)
class Item:
    """A message: when it was written and when it happened (recorded room time, ns), and what."""

    log_ns: int
    publish_ns: int
    content: Content


class Recording:
    """An open file. Raises `Refused` (`replay-unreadable`, `replay-version`) where it is none.

    Its methods may be called from one thread at a time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = 0  # messages and chunks that were passed over
        self._channels: dict[int, type[Content]] = {}
        self._file: IO[bytes] | None = None
        try:
            self._file = path.open("rb")
            self._index: Index = read_index(self._file)
        except OSError as error:
            self.close()
            reason = error.strerror or str(error)
            raise Refused("replay-unreadable", file=str(path), reason=reason) from error
        except Exception as error:
            self.close()
            raise Refused("replay-unreadable", file=str(path), reason="MCAP") from error
        if self._index.metadata.get("version") != VERSION or not self._index.chunks:
            self.close()
            raise Refused("replay-version", file=str(path))
        self.start_ns = self._index.chunks[0].start_ns
        self.end_ns = max(chunk.end_ns for chunk in self._index.chunks)

    @property
    def room(self) -> str:
        """The name of the room that was recorded."""
        return self._index.metadata.get("room", "")

    @property
    def scene(self) -> tuple[str, str]:
        """The scene's name and the SHA-256 of its scene.yaml."""
        metadata = self._index.metadata
        return metadata.get("scene", ""), metadata.get("scene_sha256", "")

    @property
    def whole(self) -> bool:
        """Whether it was ended properly; False after a crash."""
        return self._index.whole

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()

    def blocks(self, after_ns: int) -> Iterator[list[Item]]:
        """Everything after a moment, in lists of at most one chunk."""
        for chunk in self._index.chunks:
            if chunk.end_ns > after_ns:
                yield [item for item in self._items(chunk) if item.log_ns > after_ns]

    def state_at(self, moment_ns: int) -> RoomState:
        """Who was present, with poses, the records and the sensor values at a moment.

        The last keyframe and snapshot before it are looked up and what followed them is added.
        """
        state = RoomState()
        begin = self._last(Keyframe, moment_ns)
        for item in self._between(begin, moment_ns, RoomState.PRESENCE):
            state.take(item.publish_ns / 1e9, item.content)
        before = moment_ns
        while True:  # a snapshot that was cut short, or had no room, is no place to begin
            begin = self._last(Snapshot, before)
            for item in self._between(begin, moment_ns, RoomState.RECORDS):
                state.take(item.publish_ns / 1e9, item.content)
            if state.records_whole or begin <= self.start_ns:
                return state
            before = begin - 1

    def _last(self, model: type[Content], moment_ns: int) -> int:
        """When the last message of a kind at or before a moment was written; else the start."""
        for chunk in reversed(self._index.chunks):
            if chunk.start_ns > moment_ns or not self._may_hold(chunk, (model,)):
                continue
            times = [
                item.log_ns
                for item in self._items(chunk, (model,))
                if item.log_ns <= moment_ns
                and (not isinstance(item.content, Snapshot) or item.content.part == 0)
            ]
            if times:
                return max(times)
        return self.start_ns

    def _between(
        self, first_ns: int, last_ns: int, models: Collection[type[Content]]
    ) -> Iterator[Item]:
        for chunk in self._index.chunks:
            if chunk.end_ns < first_ns or chunk.start_ns > last_ns:
                continue
            if self._may_hold(chunk, models):
                for item in self._items(chunk, models):
                    if first_ns <= item.log_ns <= last_ns:
                        yield item

    def _may_hold(self, chunk: ChunkPlace, models: Collection[type[Content]]) -> bool:
        if chunk.channels is None:
            return True
        self._know_channels()
        return any(self._channels.get(one) in models for one in chunk.channels)

    def _know_channels(self) -> None:
        if not self._channels:
            self._records(self._index.chunks[0])

    def _items(
        self, chunk: ChunkPlace, models: Collection[type[Content]] | None = None
    ) -> Iterator[Item]:
        for message in self._records(chunk):
            model = self._channels.get(message.channel_id)
            if model is None or (models is not None and model not in models):
                continue
            try:
                content = model.model_validate_json(message.data)
            except ValidationError:
                self.damaged += 1
                continue
            yield Item(message.log_time, message.publish_time, content)

    def _records(self, place: ChunkPlace) -> list[Message]:
        """A chunk's messages; channels that it names are kept."""
        assert self._file is not None
        try:
            self._file.seek(place.offset)
            data = self._file.read(place.length)
            chunk = Chunk.read(ReadDataStream(BytesIO(data)))
            if len(data) < place.length or not _is_bounded(chunk):
                raise ValueError("chunk")
            records = breakup_chunk(chunk, validate_crc=True)
        except _BROKEN:
            self.damaged += 1
            return []
        for record in records:
            if isinstance(record, Channel) and record.topic in _MODELS:
                self._channels[record.id] = _MODELS[record.topic]
        return [record for record in records if isinstance(record, Message)]


def _is_bounded(chunk: Chunk) -> bool:
    if chunk.compression not in {"", "zstd"} or chunk.uncompressed_size > MAX_CHUNK:
        return False
    # The library believes the size in the packed frame before the one in the chunk's header.
    packed = chunk.compression == "zstd"
    return not packed or 0 <= zstandard.frame_content_size(chunk.data) <= MAX_CHUNK
