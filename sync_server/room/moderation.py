"""Who leads a room, who is muted or kept out, whether its door is locked: rules and changes.

Pure: it reads the room's own record `room_state` and says what may be done and what it becomes;
it never writes a record itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sync_server.room.entrance import NotAdmitted
from sync_server.room.record import Record
from sync_server.room.records import RecordStore
from sync_server.room.roles import allows
from sync_server.wire.errors import Refused
from sync_server.wire.limits import CLOSE_KEPT_OUT, CLOSE_LOCKED
from sync_server.wire.messages import Role
from sync_server.wire.records import ROOM_STATE_ID

# A muted member's own words and pictures; poses, drills, objects and alarms go on.
SPEAKING: Final = frozenset({"message", "annotation", "photo", "measurement", "viewpoint"})
PRESENTING: Final = frozenset({"section", "layer_state", "scene_time"})  # for the lead, if any
MOST_LISTED: Final = 1000  # people who are muted, or kept out

RoleOf = Callable[[str], Role | None]  # of a member who is present; None: absent


@dataclass(frozen=True, slots=True)
class HouseRules:
    """What moderators have decided. The lead counts only while present: a room whose lead has
    gone can be shown around by others, until the lead is back."""

    locked: bool = False
    lead: str | None = None
    muted: tuple[str, ...] = ()
    kept_out: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """The payload of `room_state`."""
        return {
            "id": ROOM_STATE_ID,
            "locked": self.locked,
            "lead": self.lead,
            "muted": list(self.muted),
            "kept_out": list(self.kept_out),
        }


class House:
    """The rules as the records have them now."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._seen: Record | None = None
        self._rules = HouseRules()

    @property
    def rules(self) -> HouseRules:
        """Read anew whenever the record is another, taken back ones included."""
        record = self._records.get(ROOM_STATE_ID)
        if record is not self._seen:
            self._seen = record
            alive = record is not None and not record.deleted and record.kind == "room_state"
            payload = record.payload if record is not None and alive else {}
            self._rules = HouseRules(
                locked=bool(payload.get("locked", False)),
                lead=payload.get("lead"),
                muted=tuple(payload.get("muted", ())),
                kept_out=tuple(payload.get("kept_out", ())),
            )
        return self._rules


def check_member(rules: HouseRules, kind: str, op: str, author: str, role: Role) -> None:
    """Whether somebody may write this kind under the rules (the role's rights come besides).

    Raises `Refused`: `server-kept-out`, `server-muted`.
    """
    if author in rules.kept_out:
        raise Refused("server-kept-out")
    # Whoever is muted may still take own words away.
    if kind in SPEAKING and op != "delete" and is_muted(rules, author, role):
        raise Refused("server-muted")


def is_muted(rules: HouseRules, author: str, role: Role) -> bool:
    """Whether they may not speak; moderators always may."""
    return author in rules.muted and not allows(role, "moderate")


def check_words(rules: HouseRules, payload: dict[str, Any], author: str, role: Role) -> None:
    """A muted member's words do not come in by another kind's text. Raises `Refused`."""
    if (payload.get("text") or payload.get("reason")) and is_muted(rules, author, role):
        raise Refused("server-muted")


def check_lead(rules: HouseRules, kind: str, author: str, role: Role, role_of: RoleOf) -> None:
    """While somebody leads, only they and moderators change what all look at. Raises `Refused`."""
    if kind not in PRESENTING or rules.lead in {None, author} or allows(role, "moderate"):
        return
    if rules.lead is not None and role_of(rules.lead) is not None:
        raise Refused("server-not-lead")


def check_act(
    rules: HouseRules, payload: dict[str, Any], author: str, role: Role, role_of: RoleOf
) -> None:
    """Whether somebody may do this act of moderation. Raises `Refused`."""
    act, member = payload["act"], payload.get("member")
    hands_over = act == "lead" and rules.lead == author and member != author
    if not allows(role, "moderate") and not hands_over:
        raise Refused("server-forbidden", kind="moderation")
    if act in {"lock", "unlock"}:
        return
    if act == "lead":
        if member is not None:
            lead_role = role_of(member)
            if lead_role is None:
                raise Refused("server-no-member", member=member)
            if not allows(lead_role, "present"):
                raise Refused("server-cannot-lead", member=member)
        return
    if not member:
        raise Refused("server-invalid-record", kind="moderation", field="member")
    if act in {"kick", "mute"}:
        theirs = role_of(member)
        if member == author or (
            theirs is not None and allows(theirs, "moderate") and not allows(role, "administer")
        ):
            raise Refused("server-forbidden", kind="moderation")
        listed = rules.kept_out if act == "kick" else rules.muted
        if member not in listed and len(listed) >= MOST_LISTED:
            raise Refused("server-room-holds-no-more", limit=MOST_LISTED)


def rules_after(rules: HouseRules, payload: dict[str, Any]) -> HouseRules:
    """The rules that an act makes of these."""
    act, member = payload["act"], payload.get("member")
    muted, kept_out, locked, lead = rules.muted, rules.kept_out, rules.locked, rules.lead
    match act:
        case "lock" | "unlock":
            locked = act == "lock"
        case "lead":
            lead = member
        case "mute" if member is not None:
            muted = (*_without(muted, member), member)
        case "unmute":
            muted = _without(muted, member)
        case "kick" if member is not None:
            kept_out = (*_without(kept_out, member), member)
            lead = None if lead == member else lead
        case "admit":
            kept_out = _without(kept_out, member)
    return HouseRules(locked, lead, muted, kept_out)


def _without(listed: tuple[str, ...], member: str | None) -> tuple[str, ...]:
    return tuple(one for one in listed if one != member)


def check_door(rules: HouseRules, member: str, role: Role, resumed: bool) -> None:
    """Whether somebody may come in under the rules: nobody who is kept out, whatever token they
    have, and into a locked room only those who were in it and moderators.

    Raises `NotAdmitted`: `server-kept-out`, `server-locked`.
    """
    if member in rules.kept_out:
        raise NotAdmitted(CLOSE_KEPT_OUT, "server-kept-out")
    if rules.locked and not resumed and not allows(role, "moderate"):
        raise NotAdmitted(CLOSE_LOCKED, "server-locked")
