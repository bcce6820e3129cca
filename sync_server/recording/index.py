"""Where the chunks of an MCAP file lie: from its index, or by walking a file that has none.

Reads headers only, never what is in a chunk.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Final

from mcap.data_stream import ReadDataStream
from mcap.opcode import Opcode
from mcap.reader import SeekingReader
from mcap.records import Metadata

MAX_RECORD: Final = 64 * 1024 * 1024  # bytes; a longer one is passed over
MAX_CHUNKS: Final = 1_000_000
_MAGIC: Final = b"\x89MCAP0\r\n"
_HEADER: Final = struct.Struct("<BQ")
_CHUNK_TIMES: Final = struct.Struct("<QQ")
_CHANNEL: Final = struct.Struct("<H")


@dataclass(frozen=True, slots=True)
class ChunkPlace:
    """A chunk's times (ns), where its content begins and how long it is (bytes).

    `channels`: ids of what it holds; None: unknown.
    """

    start_ns: int
    end_ns: int
    offset: int
    length: int
    channels: frozenset[int] | None


@dataclass(slots=True)
class Index:
    """The chunks in the order of the file, and the metadata called "kenish"."""

    chunks: list[ChunkPlace] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    whole: bool = True


def read_index(file: IO[bytes]) -> Index:
    """The index of an open file. Raises ValueError where it is no MCAP file."""
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("magic")
    try:
        return _from_summary(file)
    except Exception:  # none, or cut short, or nonsense: the chunks themselves are still there
        return _by_walking(file)


def _from_summary(file: IO[bytes]) -> Index:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    reader = SeekingReader(file, record_size_limit=MAX_RECORD)
    summary = reader.get_summary()
    if summary is None or not summary.chunk_indexes:
        raise ValueError("no index")
    index = Index()
    for one in summary.chunk_indexes[:MAX_CHUNKS]:
        begin = one.chunk_start_offset + _HEADER.size
        length = one.chunk_length - _HEADER.size
        if length < 0 or begin + length > size or length > MAX_RECORD:
            raise ValueError("index")
        channels = frozenset(one.message_index_offsets) or None
        place = ChunkPlace(one.message_start_time, one.message_end_time, begin, length, channels)
        index.chunks.append(place)
    for metadata in reader.iter_metadata():
        if metadata.name == "kenish":
            index.metadata = dict(metadata.metadata)
    return index


def _by_walking(file: IO[bytes]) -> Index:
    size = file.seek(0, os.SEEK_END)
    index = Index(whole=False)
    times: tuple[int, int, int, int] | None = None  # start, end, offset, length of the chunk
    channels: set[int] = set()

    def keep(known: bool) -> None:
        if times is not None:
            index.chunks.append(ChunkPlace(*times, frozenset(channels) if known else None))

    position = len(_MAGIC)
    while position + _HEADER.size <= size and len(index.chunks) < MAX_CHUNKS:
        file.seek(position)
        opcode, length = _HEADER.unpack(file.read(_HEADER.size))
        position += _HEADER.size
        if position + length > size:
            break
        if opcode == Opcode.MESSAGE_INDEX and length >= _CHANNEL.size:
            channels.add(*_CHANNEL.unpack(file.read(_CHANNEL.size)))
        elif opcode == Opcode.CHUNK and _CHUNK_TIMES.size <= length <= MAX_RECORD:
            keep(known=True)
            times = (*_CHUNK_TIMES.unpack(file.read(_CHUNK_TIMES.size)), position, length)
            channels = set()
        elif opcode == Opcode.METADATA and length <= MAX_RECORD:
            metadata = Metadata.read(ReadDataStream(BytesIO(file.read(length))))
            if metadata.name == "kenish":
                index.metadata = dict(metadata.metadata)
        elif opcode == Opcode.DATA_END:
            break
        position += length
    keep(known=False)  # its own list of channels may have been cut off
    return index
