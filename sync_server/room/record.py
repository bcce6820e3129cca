"""One record of a room as it is now, with what decides who may change it next.

Immutable, so that it can be handed to threads and its bytes on the wire are made once; it judges
nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sync_server.wire.messages import RecordInfo, pack_record


@dataclass(frozen=True)
class Record:
    """A record. `number` is that of the last command that touched it.

    A deleted one is a tombstone: it keeps its payload here and on the disk, so that it can be
    restored, and shows none on the wire.
    """

    id: str
    kind: str
    author: str
    number: int
    version: int
    time: float
    payload: dict[str, Any]
    deleted: bool = False
    owner: str = ""  # empty: the author
    op: str = "create"  # the last operation, and
    by: str = ""  # whose it was; empty: unknown (written before this was kept)

    @property
    def keeper(self) -> str:
        """Who may change it (moderators may too): its owner, or else its author."""
        return self.owner or self.author

    def info(self) -> RecordInfo:
        """Its form on the wire."""
        return RecordInfo.model_construct(
            id=self.id,
            kind=self.kind,
            author=self.author,
            owner=self.owner,
            number=self.number,
            version=self.version,
            time=self.time,
            payload={} if self.deleted else self.payload,
            deleted=self.deleted,
        )

    @cached_property
    def packed(self) -> bytes:
        """Its bytes within a `records` message; made at the first call, kept for later joiners."""
        return pack_record(self.info())
