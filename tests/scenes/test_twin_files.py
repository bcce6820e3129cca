"""scene.yaml: written as JSON that is YAML too, read from both."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from scenes.errors import Refused
from scenes.schema import Layer, Network, NetworkEdge, NetworkNode, Place, Scene
from scenes.twin import SCENE_FILE, open_twin, read_scene, save_scene

SCENE = Scene(
    name="mine",
    title={"en": "A mine", "ja": "鉱山"},
    layers=[Layer(id="drift", kind="drift")],
    places=[Place(id="p", title={"kk": "Зумпф"}, position=(1.5, -2.0, 3.25))],
    networks=[
        Network(
            id="water",
            kind="drainage",
            nodes=[NetworkNode(id=n, position=(0, 0, 0)) for n in "ab"],
            edges=[NetworkEdge(id="e", start="a", end="b", length_m=5)],
        )
    ],
)


def test_what_is_saved_is_read_as_it_was_by_json_and_by_yaml(tmp_path: Path) -> None:
    save_scene(tmp_path, SCENE)
    assert open_twin(tmp_path).scene == SCENE
    text = (tmp_path / SCENE_FILE).read_text(encoding="utf-8")
    assert Scene.model_validate(yaml.safe_load(text)) == SCENE
    assert any(line.strip().startswith('{"id": "p"') for line in text.splitlines())


def test_a_scene_written_by_hand_in_yaml_is_read_too() -> None:
    written = yaml.safe_dump(SCENE.model_dump(mode="json"), allow_unicode=True)
    assert read_scene(written, "scene.yaml") == SCENE
    flow = "{name: mine, spawn: {position: [1, 2, 3]}}  # YAML that is no JSON"
    assert read_scene(flow, "scene.yaml").spawn.position == (1, 2, 3)


@pytest.mark.parametrize("text", ['{"name": "A B"}', "name: A B", '{"name": "x", "layer": []}'])
def test_a_wrong_key_is_named(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_scene(text, "mine/scene.yaml")
    assert refused.value.message_id == "scene-invalid"
    assert refused.value.arguments["key"] in ("name", "layer")
