"""What a run is set up with: drill, cast, profile, mode and seed, and all that follows from them.

Immutable and computed once; no event changes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from curricula.cast import Cast
from curricula.errors import Refused
from curricula.guards import CompiledGuard, compile_guard
from curricula.limits import ChosenLimit, choose_limits
from curricula.loader import digest
from curricula.schema import Bounds, Drill, Mode, Profile, Rule, Step


def draw(seed: int, key: str, low: float, high: float) -> float:
    """A number between two bounds that depends on seed and key alone, on every platform."""
    number = int.from_bytes(hashlib.sha256(f"{seed}/{key}".encode()).digest()[:4], "big")
    return round(low + (high - low) * (number / 0xFFFFFFFF), 3)


@dataclass(frozen=True, slots=True)
class Setup:
    """One run's givens. Make it with `make_setup`."""

    drill: Drill
    cast: Cast
    profile: Profile
    mode: Mode
    seed: int
    digest: str
    limits: dict[str, ChosenLimit]
    rules: tuple[Rule, ...]
    guards: dict[str, CompiledGuard]
    inject_times: dict[str, float]
    lane_of: dict[str, str]
    step_of: dict[str, Step]
    before: dict[str, str | None]
    asked_events: tuple[str, ...]
    asked_places: tuple[str, ...]
    follows_time: bool
    watches_sensors: bool

    def number(self, key: str, value: float | Bounds) -> float:
        """A number of the file, drawn by the seed where the file gives bounds."""
        if isinstance(value, tuple):
            return draw(self.seed, key, *value)
        return value


def _asked(names: Iterable[str], sources: Iterable[str]) -> tuple[str, ...]:
    """The names that some guard mentions; the others need not be handed to it every time."""
    text = " ".join(sources)
    return tuple(name for name in names if name in text)


def make_setup(
    drill: Drill,
    cast: Cast,
    *,
    profile: Profile | None = None,
    mode: Mode = "practice",
    seed: int = 0,
) -> Setup:
    """Prepare a run. Raises `Refused` for a mode the drill has not, or a guard that is invalid."""
    if mode not in drill.modes:
        raise Refused("drill-mode-unknown", mode=mode, known=" ".join(drill.modes))
    profile = profile if profile is not None else drill.profile
    rules = tuple(r for r in drill.rules if not r.profiles or profile in r.profiles)
    sources = [rule.never for rule in rules]
    for step in drill.steps():
        sources += [one for one in (step.wait.guard, step.wait.right, step.unless) if one]
    guards = {source: compile_guard(source) for source in sources}
    standing = [guards[rule.never] for rule in rules if rule.event is None]
    standing += [guards[step.wait.guard] for step in drill.steps() if step.wait.guard is not None]
    before: dict[str, str | None] = {}
    for lane in drill.lanes.values():
        previous: str | None = None
        for step in lane.steps:
            before[step.id] = step.after if step.after is not None else previous
            previous = step.id
    for step in drill.steps():
        if before[step.id] is not None and before[step.id] not in before:
            raise Refused("drill-step-unknown", step=step.id, after=str(before[step.id]))
        if step.after_inject is not None and step.after_inject not in {i.id for i in drill.injects}:
            raise Refused("drill-step-unknown", step=step.id, after=step.after_inject)
    return Setup(
        drill=drill,
        cast=cast,
        profile=profile,
        mode=mode,
        seed=seed,
        digest=digest(drill),
        limits=choose_limits(drill, profile),
        rules=rules,
        guards=guards,
        inject_times={
            one.id: draw(seed, f"{one.id}.at_s", *one.at_s)
            if isinstance(one.at_s, tuple)
            else one.at_s
            for one in drill.injects
        },
        lane_of={step.id: name for name, lane in drill.lanes.items() for step in lane.steps},
        step_of={step.id: step for step in drill.steps()},
        before=before,
        asked_events=_asked(sorted(drill.event_names()), sources),
        asked_places=_asked(cast.places, sources),
        follows_time=any(guard.follows_time for guard in standing),
        watches_sensors=any("sensor" in guard.variables for guard in standing),
    )
