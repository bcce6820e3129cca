"""Where a layer is from stands in its tileset, survives baking again, and is bounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.bake.layer import bake_layer
from scenes.bake.pool import Here
from scenes.bake.whole_twin import bake_twin
from scenes.importers.contract import ImportOptions
from scenes.importers.into_twin import TwinImport
from scenes.inspection import describe
from scenes.tiles.metadata import MAX_PROPERTIES, MAX_TEXT, bounded, metadata_json, metadata_of
from scenes.twin import open_twin
from tests.scenes.test_bake_tree import tube

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "tileset.json").read_bytes())
    return found


def test_what_a_layer_is_stands_in_its_tileset(tmp_path: Path) -> None:
    known = {"sourceFile": "шахта.obj", "detail_legs": 12}
    bake_layer(tmp_path / "a", [tube()], (0, 0, 0), runner=Here(), metadata=bounded(known))
    found = document(tmp_path / "a")
    properties = found["schema"]["classes"][found["metadata"]["class"]]["properties"]
    assert set(properties) == set(found["metadata"]["properties"])
    assert all(one == {"type": "STRING"} for one in properties.values())
    assert metadata_of(found) == {"sourceFile": "шахта.obj", "detail_legs": "12"}


def test_a_layer_without_any_has_no_schema(tmp_path: Path) -> None:
    bake_layer(tmp_path / "a", [tube()], (0, 0, 0), runner=Here())
    assert not {"schema", "metadata"} & set(document(tmp_path / "a"))


def test_an_import_says_where_it_is_from_and_a_bake_keeps_it(tmp_path: Path) -> None:
    source = tmp_path / "decline.obj"
    source.write_text("v 0 0 0\nv 10 0 0\nv 0 10 0\nv 10 10 1\nf 1 2 3\nf 2 4 3\n")
    out = tmp_path / "twin"
    with TwinImport(out, ImportOptions(units="m", up="z")) as job:
        assert job.add(source).refused is None
        assert job.finish()
    first = describe(open_twin(out))["layers"][0]["metadata"]
    assert first["sourceFile"] == "decline.obj"
    assert len(first["sourceSha256"]) == 64
    assert bake_twin(open_twin(out), True, None, Here())["layers"] == 1
    assert describe(open_twin(out))["layers"][0]["metadata"] == first


@given(anything)
def test_whatever_a_tileset_says_of_itself_is_bounded_text(found: Any) -> None:
    for whole in (found, {"metadata": found}, {"metadata": {"properties": found}}):
        kept = metadata_of(whole)
        assert len(kept) <= MAX_PROPERTIES
        assert all(isinstance(v, str) and len(v) <= MAX_TEXT for v in kept.values())
        assert all(v.isprintable() for v in kept.values())
        assert metadata_of(metadata_json(kept)) == kept


@pytest.mark.parametrize("name", ["", "a b", "1a", "a" * 65, "источник"])
def test_a_name_that_3d_tiles_does_not_allow_is_left_out(name: str) -> None:
    assert bounded({name: "x", "fine": "y"}) == {"fine": "y"}


def test_more_than_a_table_of_it_is_cut() -> None:
    kept = bounded({f"p{n}": "x" * (2 * MAX_TEXT) for n in range(1000)})
    assert len(kept) == MAX_PROPERTIES
    assert {len(one) for one in kept.values()} == {MAX_TEXT}


def test_control_characters_reach_no_terminal() -> None:
    assert bounded({"a": "red \x1b[31m\nalert"}) == {"a": "red  [31m alert"}
