"""A drill made ready for one room: read, bound to the scene, linted, with its texts.

Refuses a drill that does not fit the scene before the server lets anybody in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from curricula.cast import Cast, SceneFacts, bind, facts_of_scene
from curricula.errors import Refused
from curricula.linter import lint
from curricula.loader import DrillFile, load_drill
from curricula.runner import Setup, make_setup
from curricula.schema import Mode, Profile
from curricula.texts import read_texts
from scenes.schema import Scene

MAX_FTL: Final = 200_000  # characters of one language, as in the record


@dataclass(frozen=True, slots=True)
class DrillOptions:
    """What `kenish serve --drill` can be told."""

    file: str  # a drill.yaml, its folder, or a bundled drill's name
    mode: Mode = "practice"  # practice explains, drill is silent and scored, tour only shows
    profile: Profile | None = None  # whose limits hold; None: the drill's own choice
    seed: int = 0  # draws times and values within the bounds that the drill gives
    autostart: bool = False  # start when the first person has come
    speed: float = 1.0  # drill seconds in a second; above 1 only to try things out


@dataclass(frozen=True, slots=True)
class DrillScript:
    """A drill that fits the scene. `texts` are the Fluent sources by language."""

    source: DrillFile
    setup: Setup
    facts: SceneFacts
    texts: Mapping[str, str]
    options: DrillOptions

    @property
    def name(self) -> str:
        """The drill's name; the id of its record too."""
        return self.setup.drill.name

    @property
    def cast(self) -> Cast:
        """Its aliases, bound to the scene."""
        return self.setup.cast

    def header(self) -> dict[str, Any]:
        """All that is needed, with the drill file, to replay a log of this script."""
        setup = self.setup
        return {
            "drill": setup.drill.name,
            "digest": setup.digest,
            "mode": setup.mode,
            "profile": setup.profile,
            "seed": setup.seed,
            "speed": self.options.speed,
            "cast": {
                "objects": {alias: list(ids) for alias, ids in setup.cast.objects.items()},
                "places": {alias: list(ids) for alias, ids in setup.cast.places.items()},
                "datastreams": {alias: list(ids) for alias, ids in setup.cast.datastreams.items()},
            },
        }


def load_script(options: DrillOptions, scene: Scene) -> DrillScript:
    """Prepare a drill for a scene. Raises `Refused` with the first thing that does not fit."""
    source = load_drill(options.file)
    facts = facts_of_scene(scene.model_dump(mode="json"))
    errors = [one for one in lint(source, facts) if one.severity == "error"]
    if errors:
        # The finding's own message says what is wrong; the linter lists the others.
        first = errors[0]
        arguments = {"file": str(first.file), "line": first.line, **first.arguments}
        raise Refused(first.message_id, **arguments)
    setup = make_setup(
        source.drill,
        bind(source.drill, facts),
        profile=options.profile,
        mode=options.mode,
        seed=options.seed,
    )
    texts = {name: one.text for name, one in read_texts(source.folder).items()}
    for language, text in texts.items():
        if len(text) > MAX_FTL:
            file = str(source.folder / f"{language}.ftl")
            raise Refused("drill-file-too-large", file=file, limit=MAX_FTL // 1024)
    return DrillScript(source, setup, facts, texts, options)
