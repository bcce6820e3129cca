"""What a check found: one line for the person, and how to mend it.

Pure data; never a finished sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    id: what was checked. status: "fail" only for what the demo needs. message_id and arguments:
    the line. remedy_id: how to mend it (same arguments), None where there is nothing to mend.
    Numbers that are no quantities (versions, sizes in pixels) are strings, so that no language
    groups their digits.
    """

    id: str
    status: Status
    message_id: str
    arguments: dict[str, str | int | float] = field(default_factory=dict)
    remedy_id: str | None = None
