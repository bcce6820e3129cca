"""Which role may do what; the one table that every command is checked against.

Never decides who has a role: that is a ticket's or the `--open` option's business.
"""

from __future__ import annotations

from typing import Final, get_args

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
    "drill_act": "run_drill",
}
# What needs the permission `drill` besides: it changes what happens to people, or a score.
DIRECTING_ACTS: Final = frozenset({"inject", "skip", "delay", "repeat", "override"})
# Kinds that stay as they were said: nobody changes them, moderators may delete them.
UNCHANGING: Final = frozenset({"message", "choice", "drill_act", "moderation"})
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
