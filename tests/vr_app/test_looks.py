"""What the picture shows: cuts with their tint, ore through rock, a field's colours, dithering."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from panda3d.core import NodePath

from scenes.bake.field import make_table
from scenes.bake.layer import bake_layer
from scenes.geometry import MeshPart
from scenes.schema import Layer, LayerField, Scene
from scenes.twin import save_scene
from scenes.walk import build_walk
from tests.vr_app.picture import close_to, offscreen
from vr_app.display.base import Display
from vr_app.stream.source import FolderSource
from vr_app.world.colour_maps import COLOUR_MAPS, map_colours
from vr_app.world.geom import make_geom_node
from vr_app.world.layer_facts import LayerFacts
from vr_app.world.lighting import Lighting, LightState
from vr_app.world.sections import Section, planes_of
from vr_app.world.shapes import box
from vr_app.world.twin_view import TwinView, load_scene

LOW, HIGH = 10.0, 30.0
ORE_CUT = (208, 130, 64)  # what the tint of ore comes to on the screen


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    yield from offscreen((320, 180))


def boxed(centre: tuple[float, float, float], size: float, inward: bool = False) -> MeshPart:
    """A box; its values run from LOW at the bottom to HIGH at the top."""
    solid = box(centre, (size, size, size), (180, 90, 60), "plain")
    triangles = solid.triangles[:, ::-1] if inward else solid.triangles
    share = (solid.positions[:, 2] - solid.positions[:, 2].min()) / size
    return MeshPart(
        solid.positions.astype(np.float64),
        triangles,
        solid.normals * (-1 if inward else 1),
        np.tile(np.array((90, 90, 90) if inward else (200, 30, 110), np.uint8), (24, 1)),
        values=LOW + (HIGH - LOW) * share.astype(np.float64),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A body of ore of 4 m behind the wall of a room of 12 m in rock."""
    twin = tmp_path_factory.mktemp("twin")
    field = LayerField(unit="%", title={"en": "Grade"}, colour_map="viridis", shown=False)
    layers = [
        Layer(id="drift", kind="drift", ambient=0.05),
        Layer(id="ore", kind="ore", field=field, ambient=0.3),
    ]
    bake_layer(twin / "tiles/drift", [boxed((0.0, 0.0, 0.0), 12.0, inward=True)], (0, 0, 0))
    bake_layer(twin / "tiles/ore", [boxed((0.0, 12.0, 0.0), 4.0)], (0, 0, 0))
    save_scene(twin, Scene(name="looks", layers=layers))
    build_walk(twin)
    return twin


@pytest.fixture
def view(display: Display, folder: Path) -> Iterator[TwinView]:
    source = FolderSource(folder)
    twin = TwinView(source, load_scene(source), display.scene_root)
    yield twin
    twin.close()


def look(
    display: Display, twin: TwinView, eye: tuple[float, float, float], pitch_deg: float = 0.0
) -> np.ndarray:
    """The picture from `eye` towards north, once everything is there."""
    where, pitch = np.asarray(eye, np.float64), np.radians(pitch_deg)
    gaze = np.array([0.0, np.cos(pitch), np.sin(pitch)])
    for _ in range(2000):
        display.set_eye(where, 0.0, float(pitch))
        twin.update(display.views(), where, gaze, 0.0, 0.05)
        display.draw()
        if twin.ready or (twin.complete and twin.failed):
            break
    for _ in range(40):  # what was just loaded fades in, and a field's values come by themselves
        twin.update(display.views(), where, gaze, 0.0, 0.05)
        display.draw()
    return display.picture()


def ore_coloured(picture: np.ndarray) -> np.ndarray:
    """(h, w): where the ore's own reddish colour is, whatever the light."""
    red, green = (picture[..., channel].astype(int) for channel in range(2))
    return red - green > 30


def test_rock_hides_the_ore_until_it_is_looked_through(display: Display, view: TwinView) -> None:
    middle = (slice(80, 100), slice(150, 170))
    before = look(display, view, (0.0, 0.0, 0.0))
    view.set_xray(True)
    through = look(display, view, (0.0, 0.0, 0.0))
    view.set_xray(False)
    after = look(display, view, (0.0, 0.0, 0.0))
    wall, ore = before[middle].mean(axis=(0, 1)), through[middle].mean(axis=(0, 1))
    assert np.abs(wall - ore).max() > 20
    assert np.abs(after[middle].mean(axis=(0, 1)) - wall).max() < 6, "rock is solid again"


def test_one_layer_as_glass_shows_what_is_behind_it(display: Display, view: TwinView) -> None:
    view.show_layer("ore", LayerFacts(visible=False))
    view.show_layer("drift", LayerFacts(glass=True))
    without = look(display, view, (0.0, 0.0, 0.0))
    view.show_layer("ore", None)
    behind = look(display, view, (0.0, 0.0, 0.0))
    changed = np.abs(behind.astype(int) - without).max(axis=2) > 20
    assert changed[85:95, 150:170].all() and not changed[:, :20].any()


def test_a_cut_body_is_capped_in_the_colour_of_its_layer(display: Display, view: TwinView) -> None:
    view.show_layer("drift", LayerFacts(visible=False))
    whole = look(display, view, (0.0, 0.0, 0.0))
    assert not close_to(whole, ORE_CUT).any()
    # What is nearer than the middle of the body is cut away.
    view.sections.show([Section((0.0, 12.0, 0.0), (0.0, -1.0, 0.0))])
    cut = look(display, view, (0.0, 0.0, 0.0))
    cap = close_to(cut, ORE_CUT, 40)
    assert cap[90, 150:170].mean() > 0.7, "the inside is flat and tinted"
    assert len(np.unique(cut[85:95, 150:170].reshape(-1, 3), axis=0)) <= 8, "but for its hatching"
    view.sections.show([Section((0.0, 12.0, 0.0), (0.0, 1.0, 0.0))])
    far_away = look(display, view, (0.0, 0.0, 0.0))
    assert not close_to(far_away, ORE_CUT, 40).any(), "the front stays, the back is not seen"
    view.sections.show([Section((0.0, 8.0, 0.0), (0.0, 1.0, 0.0))])
    gone = look(display, view, (0.0, 0.0, 0.0))
    assert not ore_coloured(gone).any()
    view.sections.show([])
    assert np.abs(look(display, view, (0.0, 0.0, 0.0)).astype(int) - whole).max() < 12


def test_three_sections_and_slabs_are_planes_and_more_are_left_out() -> None:
    one = Section((0.0, 0.0, 5.0), (0.0, 0.0, 2.0), 3.0)
    rows = planes_of([one] * 5)
    assert rows.shape == (6, 4)
    for height, kept in ((5.5, False), (4.0, True), (1.9, False)):
        place = np.array([3.0, 4.0, height])
        assert (rows[:, :3] @ place <= rows[:, 3]).all() == kept
    assert planes_of([Section((0, 0, 0), (0, 0, 0))]).shape == (0, 4)


def test_a_field_is_shown_in_the_colours_of_its_legend(display: Display, view: TwinView) -> None:
    view.show_layer("drift", LayerFacts(visible=False))
    plain = look(display, view, (0.0, 3.0, 0.0))
    assert ore_coloured(plain)[60:120, 160].all()
    view.show_layer("ore", LayerFacts(field=True))
    shown = look(display, view, (0.0, 3.0, 0.0))
    state = view.fields.latest
    assert state is not None and (state.low, state.high) == (LOW, HIGH)
    lower, upper = shown[120, 160].astype(float), shown[60, 160].astype(float)
    assert lower[2] > lower[0] + 15, "low values are blue in viridis"
    assert upper[1] > upper[2] + 30, "high ones green and yellow"
    # The same with the map's upper end moved down: more of it is at the end of the map.
    for _ in range(9):
        view.fields.move_end("high", -1)
    assert view.fields.latest is not None and view.fields.latest.high == pytest.approx(21.0)
    moved = look(display, view, (0.0, 3.0, 0.0))
    assert moved[90, 160, 0] > shown[90, 160, 0] + 30
    view.show_layer("ore", LayerFacts(field=False))
    assert ore_coloured(look(display, view, (0.0, 3.0, 0.0)))[60:120, 160].all()
    assert view.fields.latest is None


def test_the_pointed_layer_gets_a_rim(display: Display, view: TwinView) -> None:
    view.show_layer("drift", LayerFacts(visible=False))
    before = look(display, view, (0.0, 7.0, 3.5), -30.0).astype(int)
    view.point_out("ore")
    after = look(display, view, (0.0, 7.0, 3.5), -30.0).astype(int)
    assert (after - before)[ore_coloured(before)].sum() > 0
    view.point_out("")
    assert np.abs(look(display, view, (0.0, 7.0, 3.5), -30.0) - before).max() < 12


def test_two_levels_that_change_cover_each_pixel_once(display: Display) -> None:
    root = display.scene_root.attach_new_node("fading")
    lighting = Lighting(root)
    eye = np.zeros(3)
    lighting.update(LightState(eye, np.array([0.0, 1.0, 0.0])), 1.0)
    root.set_shader_input("ambient", 1.0)
    wall = np.array([[-9.0, 2, -9], [9, 2, -9], [9, 2, 9], [-9, 2, 9]])

    def sheet(colour: tuple[int, int, int]) -> NodePath:
        node = make_geom_node(
            "wall", wall, np.array([[0, 1, 2], [0, 2, 3]]), None, np.tile(colour, (4, 1))
        )
        return root.attach_new_node(node)

    red, green = sheet((220, 0, 0)), sheet((0, 220, 0))
    display.set_eye(eye, 0.0, 0.0)
    try:
        for share in (0.1, 0.5, 0.83):
            red.set_shader_input("fade", share)
            green.set_shader_input("fade", share - 1.0)
            pictures = []
            for hidden in (green, red, None):
                red.show(), green.show()
                if hidden is not None:
                    hidden.hide()
                display.draw()
                pictures.append(display.picture().astype(int))
            is_red, is_green = pictures[0][..., 0] > 60, pictures[1][..., 1] > 60
            assert (is_red ^ is_green).all(), "each pixel is one of the two, never both or none"
            assert is_red.mean() == pytest.approx(share, abs=0.03)
            assert ((pictures[2][..., 0] > 60) == is_red).all()
    finally:
        root.remove_node()


def test_codes_keep_rare_and_common_values() -> None:
    rng = np.random.default_rng(5)
    data = np.concatenate([rng.exponential(0.3, 5000), [60.0, 61.0, np.nan, np.inf]])
    table = make_table("Au", data)
    assert table is not None
    back = table.data(table.codes(data))
    assert np.isnan(back[-2:]).all() and np.isfinite(back[:-2]).all()
    assert np.abs(back - data)[:5000].max() < 0.5 * 61 / 127
    assert np.median(np.abs(back - data)[:5000]) < 0.002, "the crowd is told apart"
    assert np.abs(back[5000:5002] - [60.0, 61.0]).max() < 0.5


def test_colour_maps_run_from_end_to_end_and_grey_is_no_value() -> None:
    for name in COLOUR_MAPS:
        colours = map_colours(name, np.array([-1.0, 0.0, 1.0, 2.0, np.nan]))
        assert (colours[0] == colours[1]).all() and (colours[2] == colours[3]).all()
        assert tuple(colours[4]) == (128, 128, 128)
        assert (colours[1] != colours[2]).any()
    for name in ("viridis", "cividis"):  # lighter and lighter, so that they can be read in grey
        light = map_colours(name, np.linspace(0, 1, 50)) @ np.array([0.2126, 0.7152, 0.0722])
        assert (np.diff(light) > -0.5).all()
