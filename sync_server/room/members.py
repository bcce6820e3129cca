"""Who is in a room: numbers, pseudonyms, names, and what was last heard of each one's pose.

Names live here, in memory, for those present; nothing that is stored is made from them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from sync_server.wire.limits import MAX_NAME
from sync_server.wire.messages import MemberInfo, Role
from sync_server.wire.poses import PoseParts

LANGUAGES = frozenset({"en", "ru", "kk", "ja"})


@dataclass(slots=True)
class Member:
    """Somebody who is present."""

    number: int
    id: str
    name: str
    role: Role
    language: str
    display: str
    generation: int
    site: str = ""
    pose: PoseParts = field(default_factory=PoseParts)
    places: set[str] = field(default_factory=set)

    def info(self) -> MemberInfo:
        """Its form on the wire."""
        return MemberInfo(
            number=self.number,
            id=self.id,
            name=self.name,
            role=self.role,
            language=self.language,
            display=self.display,
            site=self.site,
        )


def clean_name(name: str, fallback: str) -> str:
    """A name without control characters and of bounded length, so that it fits a label."""
    letters = (c if not unicodedata.category(c).startswith("C") else " " for c in name)
    shown = " ".join("".join(letters).split())[:MAX_NAME]
    return shown or fallback


class Members:
    """The members by number; numbers are used again as late as possible."""

    def __init__(self) -> None:
        self._members: dict[int, Member] = {}
        self.poses: dict[int, PoseParts] = {}  # by number, of those present
        self._next = 1

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def __len__(self) -> int:
        return len(self._members)

    def get(self, number: int) -> Member | None:
        """The member, or None where it has gone."""
        return self._members.get(number)

    def by_id(self, member: str) -> Member | None:
        """The member with this pseudonym, if present."""
        return next((one for one in self if one.id == member), None)

    def free_number(self) -> int:
        """A number that nobody has."""
        while self._next in self._members:
            self._next = self._next % 0xFFFF + 1
        number = self._next
        self._next = self._next % 0xFFFF + 1
        return number

    def add(self, member: Member) -> None:
        """Somebody has come."""
        self._members[member.number] = member
        self.poses[member.number] = member.pose

    def remove(self, number: int) -> Member | None:
        """Somebody has gone."""
        self.poses.pop(number, None)
        return self._members.pop(number, None)
