"""Which role may do what; the one table that every command is checked against.

Never decides who has a role: that is a ticket's or the `--open` option's business.
"""

from __future__ import annotations

from typing import Final, get_args

from sync_server.wire.errors import Refused
from sync_server.wire.messages import Role

ROLES: Final[tuple[Role, ...]] = get_args(Role)  # from the least to the most

# Permissions: pose (be seen), and one for each thing that a member can write.
_VISITOR: Final = frozenset({"pose", "message", "choose"})
_TRAINEE: Final = _VISITOR | {"operate", "annotate"}
_ENGINEER: Final = _TRAINEE | {"acknowledge", "viewpoint", "present", "run_drill"}
_INSTRUCTOR: Final = _ENGINEER | {"moderate", "drill"}
PERMISSIONS: Final[dict[Role, frozenset[str]]] = {
    "observer": frozenset(),
    "visitor": _VISITOR,
    "trainee": _TRAINEE,
    "engineer": _ENGINEER,
    "instructor": _INSTRUCTOR,
    "admin": _INSTRUCTOR | {"administer"},
}
# What a kind of record asks for; a kind that is not here can be written by the server alone.
NEEDED: Final[dict[str, str]] = {
    "annotation": "annotate",
    "message": "message",
    "object_state": "operate",
    "alarm_ack": "acknowledge",
    "choice": "choose",
    "viewpoint": "viewpoint",
    "measurement": "annotate",
    "photo": "annotate",
    "section": "present",
    "layer_state": "present",
    "scene_time": "present",
    "moderation": "moderate",
    "replay_act": "present",
    "drill_act": "run_drill",
}
# What needs the permission `drill` besides: it changes what happens to people, or a score.
DIRECTING_ACTS: Final = frozenset({"inject", "skip", "delay", "repeat", "override"})
# Kinds that stay as they were said: nobody changes them, their authors and moderators may delete
# them;
UNCHANGING: Final = frozenset({"message", "choice", "drill_act", "replay_act", "moderation"})
# these not even that: they are the proof of what was done to people.
LASTING: Final = frozenset({"moderation"})
# One record for a thing, and deleting it only brings back what the scene says: whoever may write
# it may delete and restore it. All other things of which there is one are moderators' to delete.
RESETTABLE: Final = frozenset({"layer_state", "scene_time"})
# What members may write where a recording is shown.
REPLAY_KINDS: Final = frozenset({"message", "replay_act"})
# Roles that nobody gets without a ticket.
NEVER_OPEN: Final[frozenset[Role]] = frozenset({"instructor", "admin"})


def allows(role: Role, permission: str) -> bool:
    """Whether the role has the permission."""
    return permission in PERMISSIONS[role]


def is_open(role: Role, opened: Role | None) -> bool:
    """Whether `role` may enter without a ticket where a room is open for `opened` and below."""
    if opened is None or role in NEVER_OPEN:
        return False
    return ROLES.index(role) <= ROLES.index(opened)


def check_replay(replaying: bool, kind: str) -> None:
    """A replay is looked at, talked about and steered; nothing else is. Raises `Refused`."""
    if replaying and kind not in REPLAY_KINDS:
        raise Refused("server-replay-shows-only")
    if not replaying and kind == "replay_act":
        raise Refused("server-no-replay")
