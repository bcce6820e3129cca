"""What a scene offers to drills, and the cast: the aliases of a drill bound to its ids.

Takes plain mappings (the content of a scene.yaml), so that drills know nothing of scenes' code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from curricula.errors import Refused
from curricula.schema import Binding, Drill

MAX_SCENE_BYTES: Final = 64 * 1024 * 1024
MAX_NESTING: Final = 64


@dataclass(frozen=True, slots=True)
class SceneFacts:
    """What exists in a scene, by id.

    objects {id: kind}, states {object: its states}, emitters {event: objects that emit it},
    places {id: kind}, datastreams {id: observed property}, units {datastream: UCUM code}.
    """

    name: str
    objects: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, frozenset[str]] = field(default_factory=dict)
    emitters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    datastreams: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


def facts_of_scene(scene: Mapping[str, Any]) -> SceneFacts:
    """Collect the facts from a scene.yaml's content."""
    objects: dict[str, str] = {}
    states: dict[str, frozenset[str]] = {}
    emitters: dict[str, set[str]] = {}
    for one in scene.get("objects") or ():
        objects[one["id"]] = one["kind"]
        states[one["id"]] = frozenset(one.get("states") or ())
        for action in one.get("actions") or ():
            emitters.setdefault(action["event"], set()).add(one["id"])
    places = {one["id"]: one.get("kind", "other") for one in scene.get("places") or ()}
    datastreams: dict[str, str] = {}
    units: dict[str, str] = {}
    for sensor in scene.get("sensors") or ():
        for stream in sensor.get("datastreams") or ():
            datastreams[stream["id"]] = stream["property"]
            units[stream["id"]] = stream["unit"]
    return SceneFacts(
        str(scene.get("name", "scene")),
        objects,
        states,
        {event: frozenset(ids) for event, ids in emitters.items()},
        places,
        datastreams,
        units,
    )


def _bound_nesting(text: str, loader: Any) -> None:
    """Raise ValueError where lists and maps are nested so deeply that the C loader would overflow
    the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_NESTING:
            raise ValueError("nested too deeply")


def read_scene_facts(path: Path) -> SceneFacts:
    """Collect the facts from a scene.yaml or the twin folder that holds it."""
    path = path / "scene.yaml" if path.is_dir() else path
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if path.stat().st_size > MAX_SCENE_BYTES:
            raise ValueError("too large")
        text = path.read_text(encoding="utf-8")
        _bound_nesting(text, loader)
        content = yaml.load(text, Loader=loader)
        return facts_of_scene(content)
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise Refused("drill-scene-unreadable", file=str(path), reason=str(error)) from error


@dataclass(frozen=True, slots=True)
class Cast:
    """The aliases of one drill in one scene: alias to the ids it stands for, sorted."""

    objects: Mapping[str, tuple[str, ...]]
    places: Mapping[str, tuple[str, ...]]
    datastreams: Mapping[str, tuple[str, ...]]

    def place_aliases(self, place: str) -> list[str]:
        """The aliases that a scene's place has in this drill."""
        return [alias for alias, ids in self.places.items() if place in ids]

    def sensor_aliases(self, datastream: str) -> list[str]:
        """The aliases that a scene's datastream has in this drill."""
        return [alias for alias, ids in self.datastreams.items() if datastream in ids]


def _bound(binding: Binding, known: Mapping[str, str]) -> tuple[str, ...]:
    if binding.ids:
        return tuple(sorted(one for one in binding.ids if one in known))
    return tuple(sorted(one for one, kind in known.items() if kind == binding.kind))


def bind(drill: Drill, facts: SceneFacts) -> Cast:
    """Bind every alias of the drill; an alias with no id in the scene is left empty (the linter
    tells)."""
    bindings = drill.bindings
    return Cast(
        {alias: _bound(one, facts.objects) for alias, one in bindings.objects.items()},
        {alias: _bound(one, facts.places) for alias, one in bindings.places.items()},
        {alias: _bound(one, facts.datastreams) for alias, one in bindings.datastreams.items()},
    )


def self_cast(drill: Drill) -> Cast:
    """A cast without a scene, for lint and rehearsal: each alias stands for the ids that the
    drill lists, or for itself."""

    def ids(aliases: Mapping[str, Binding]) -> dict[str, tuple[str, ...]]:
        return {alias: tuple(sorted(one.ids)) or (alias,) for alias, one in aliases.items()}

    bindings = drill.bindings
    return Cast(ids(bindings.objects), ids(bindings.places), ids(bindings.datastreams))


def missing(cast: Cast) -> Sequence[tuple[str, str]]:
    """The aliases that stand for nothing: (group, alias)."""
    groups = {
        "objects": cast.objects,
        "places": cast.places,
        "datastreams": cast.datastreams,
    }
    return [
        (group, alias) for group, found in groups.items() for alias, ids in found.items() if not ids
    ]
