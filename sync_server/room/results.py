"""What of a record may stay: people's scores and verdicts are told to those present and kept in the
site's own store of people, never in a room's records or recordings.

Pure; who stores or records calls it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_OF_ALL: Final = ("sheet", "verdict")
_OF_EACH: Final = ("score", "critical", "verdict")


def without_results(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """A record's payload as it is kept: a drill's state without what it says of how well people
    did (null, as while it runs silently). Others are returned as they are."""
    if kind != "drill_state":
        return payload
    kept = {key: None if key in _OF_ALL else value for key, value in payload.items()}
    people = payload.get("people")
    if isinstance(people, Mapping):
        kept["people"] = {
            member: {key: None if key in _OF_EACH else value for key, value in row.items()}
            if isinstance(row, Mapping)
            else row
            for member, row in people.items()
        }
    return kept
