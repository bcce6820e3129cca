"""Lints guards, and every name that must exist in the file's bindings or in the scene.

Compiles each guard but never evaluates one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from curricula.cast import Cast, SceneFacts, missing
from curricula.errors import Refused
from curricula.guards import compile_guard
from curricula.linter.finding import Findings
from curricula.schema import Drill, Put, Ramp

# sensor.co, me.at.refuge, room['fan']: a variable and the one or two names after it.
_PATH: Final = re.compile(
    r"(?<![\w.'\"])(sensor|limit|me|room|lane|plan|since)\s*\.\s*(\w+)(?:\s*\.\s*(\w+))?"
)
_STRING: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_INDEX: Final = re.compile(r"\b(sensor|limit|me|room|lane|plan|since)\s*\[")


def lint_guards(drill: Drill, findings: Findings) -> None:
    """Guards that do not compile or ask for something that the drill does not define."""
    for key, source, team, answer in _guards(drill):
        try:
            guard = compile_guard(source)
        except Refused as error:
            findings.error("drill-lint-guard", key, **{"reason": "", **error.arguments})
            continue
        bare = _STRING.sub("''", source)
        if team and "me" in guard.variables:
            findings.error("drill-lint-guard-me", key, guard=source)
        if "answer" in guard.variables and not answer:
            findings.error("drill-lint-guard-name", key, guard=source, name="answer")
        if _INDEX.search(bare):
            findings.error("drill-lint-guard-index", key, guard=source)
        for path in _PATH.finditer(bare):
            if not _defined(drill, *path.groups()):
                findings.error("drill-lint-guard-name", key, guard=source, name=path.group(0))


def _guards(drill: Drill) -> Iterator[tuple[str, str, bool, bool]]:
    """Every guard: (key, source, about the lane and not a person, knows an answer)."""
    for name, lane in drill.lanes.items():
        for number, step in enumerate(lane.steps):
            key = f"lanes.{name}.steps.{number}"
            team = step.by == "anyone"
            if step.unless is not None:
                yield f"{key}.unless", step.unless, team, False
            if step.wait.guard is not None:
                yield f"{key}.wait.guard", step.wait.guard, team, False
            if step.wait.right is not None:
                yield f"{key}.wait.right", step.wait.right, False, True
    for number, rule in enumerate(drill.rules):
        yield f"rules.{number}.never", rule.never, False, False


def _defined(drill: Drill, variable: str, name: str, rest: str | None) -> bool:
    def tracks(scope: str) -> set[str]:
        return {track for track, one in drill.tracks.items() if one.scope == scope}

    if variable == "me" and name == "did":
        return rest in drill.event_names()
    if variable in {"me", "room"} and name == "at":
        return rest in drill.bindings.places
    known: Mapping[str, set[str]] = {
        "sensor": set(drill.bindings.datastreams),
        "limit": set(drill.limits),
        "lane": set(drill.lanes),
        "since": drill.event_names(),
        "plan": {"position", "fan_mode"} if drill.plan is not None else set(),
        "me": tracks("person") | {"lane"},
        "room": tracks("room") | {"people"},
    }
    return name in known[variable]


def lint_aliases(drill: Drill, findings: Findings) -> None:
    """Sensors, places and objects that injects, rules and charts name but no binding defines."""
    bindings = drill.bindings
    for number, inject in enumerate(drill.injects):
        for place, change in enumerate(inject.changes):
            key = f"injects.{number}.changes.{place}"
            if isinstance(change, Ramp):
                _alias(findings, "sensor", change.sensor, bindings.datastreams, f"{key}.sensor")
            elif isinstance(change, Put):
                _alias(findings, "object", change.object, bindings.objects, f"{key}.object")
            else:
                _alias(findings, "place", change.place, bindings.places, f"{key}.place")
    for number, rule in enumerate(drill.rules):
        if rule.sensor is not None:
            key = f"rules.{number}.sensor"
            _alias(findings, "sensor", rule.sensor, bindings.datastreams, key)
    for number, chart in enumerate(drill.debrief.charts):
        key = f"debrief.charts.{number}.sensor"
        _alias(findings, "sensor", chart.sensor, bindings.datastreams, key)


def _alias(findings: Findings, kind: str, name: str, known: Mapping[str, object], key: str) -> None:
    if name not in known:
        findings.error("drill-lint-unknown", key, kind=kind, name=name)


def lint_scene(drill: Drill, facts: SceneFacts, cast: Cast, findings: Findings) -> None:
    """What the drill needs and the scene does not have: ids, events, states, units."""
    for group, alias in missing(cast):
        key = f"bindings.{group}.{alias}"
        findings.error("drill-lint-unbound", key, alias=alias, scene=facts.name)
    for group, known in (
        ("objects", facts.objects),
        ("places", facts.places),
        ("datastreams", facts.datastreams),
    ):
        for alias, binding in getattr(drill.bindings, group).items():
            for one in binding.ids:
                if one not in known:
                    key = f"bindings.{group}.{alias}.ids"
                    findings.error("drill-lint-not-in-scene", key, name=one, scene=facts.name)
    for key, event in _events(drill):
        if event not in facts.emitters:
            findings.error("drill-lint-event", key, event=event, scene=facts.name)
    _scene_states(drill, facts, cast, findings)
    for number, rule in enumerate(drill.rules):
        if rule.sensor is None or rule.limit is None or rule.limit not in drill.limits:
            continue
        unit = drill.limits[rule.limit].unit
        for one in cast.datastreams.get(rule.sensor, ()):
            if facts.units.get(one, unit) != unit:
                findings.error(
                    "drill-lint-unit",
                    f"rules.{number}.limit",
                    sensor=one,
                    unit=facts.units[one],
                    limit=rule.limit,
                    expected=unit,
                )


def _events(drill: Drill) -> Iterator[tuple[str, str]]:
    """Every event with the key where it stands."""
    for name, lane in drill.lanes.items():
        for number, step in enumerate(lane.steps):
            key = f"lanes.{name}.steps.{number}.wait"
            if step.wait.event is not None:
                yield f"{key}.event", step.wait.event
            for place, event in enumerate(step.wait.any_of):
                yield f"{key}.any_of.{place}", event
    for number, rule in enumerate(drill.rules):
        if rule.event is not None:
            yield f"rules.{number}.event", rule.event
    for name, track in drill.tracks.items():
        for event in track.events:
            yield f"tracks.{name}.events.{event}", event


def _scene_states(drill: Drill, facts: SceneFacts, cast: Cast, findings: Findings) -> None:
    for number, inject in enumerate(drill.injects):
        for place, change in enumerate(inject.changes):
            if not isinstance(change, Put):
                continue
            for one in cast.objects.get(change.object, ()):
                if change.state not in facts.states.get(one, frozenset()):
                    key = f"injects.{number}.changes.{place}.state"
                    findings.error("drill-lint-state", key, object=one, state=change.state)
