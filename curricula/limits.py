"""Chooses a limit's number for a jurisdiction profile, and says where the profile has a gap.

Never shows another jurisdiction's figure as the profile's own: the value keeps its own profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from curricula.schema import Drill, Profile


@dataclass(frozen=True, slots=True)
class ChosenLimit:
    """The number in force in a run: from which profile it is, and whether that is a stopgap."""

    name: str
    value: float
    unit: str
    source: str
    profile: Profile
    verified: bool
    gap: bool

    def as_json(self) -> dict[str, Any]:
        """As the score sheet prints it."""
        return {
            "id": self.name,
            "value": self.value,
            "unit": self.unit,
            "source": self.source,
            "profile": self.profile,
            "verified": self.verified,
            "gap": self.gap,
        }


def choose_limits(drill: Drill, profile: Profile) -> dict[str, ChosenLimit]:
    """The numbers in force under `profile`.

    A profile without a number takes the site's own figure, marked as a gap; where there is none
    either, the limit is left out, and no guard over it can hold.
    """
    chosen: dict[str, ChosenLimit] = {}
    for name, limit in drill.limits.items():
        used: Profile = profile if profile in limit.values else "site"
        if used in limit.values:
            one = limit.values[used]
            chosen[name] = ChosenLimit(
                name, one.value, limit.unit, one.source, used, one.verified, used != profile
            )
    return chosen
