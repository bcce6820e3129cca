"""What a room's records say about the room itself: who leads, who is muted, what is shown when.

Pure functions of the records; nothing here asks for a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vr_app.session.record import Record
from vr_app.world.layer_facts import LayerFacts


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """Members by pseudonym. `lead`: who alone directs what all see, if anybody does."""

    locked: bool = False
    lead: str | None = None
    muted: frozenset[str] = frozenset()
    kept_out: frozenset[str] = frozenset()


def room_facts(records: Mapping[str, Record]) -> RoomFacts:
    """What the server's `room_state` record says."""
    record = records.get("room")
    if record is None or record.kind != "room_state":
        return RoomFacts()
    state = record.payload
    return RoomFacts(
        bool(state.get("locked", False)),
        state.get("lead"),
        frozenset(state.get("muted", ())),
        frozenset(state.get("kept_out", ())),
    )


def scene_time(records: Mapping[str, Record], room_time: float) -> float:
    """The moment that the room looks at, unix seconds; room time itself while it is live."""
    record = records.get("scene_time")
    if record is None or record.kind != "scene_time":
        return room_time
    start = record.payload.get("time")
    if start is None:
        return room_time
    since = max(room_time - record.time, 0.0)
    return float(start) + since * float(record.payload.get("rate", 1.0))


def layer_facts(record: Record) -> LayerFacts:
    """What a `layer_state` record says."""
    state = record.payload
    field = state.get("field")
    return LayerFacts(
        bool(state.get("visible", True)),
        float(state.get("opacity", 1.0)),
        bool(state.get("glass", False)),
        None if field is None else bool(field),
    )
