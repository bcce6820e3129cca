"""The plan map: its view, what it is drawn from, where clicks lead, and what is seen on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.text import LANGUAGES, translator
from scenes.schema import Frame, Network, NetworkEdge, NetworkNode, Place, Scene
from scenes.walk.floors import Floors
from scenes.walk.store import WalkMap
from vr_app.ui import theme
from vr_app.ui.plan_map import (
    MapPainter,
    MapPerson,
    MapSensor,
    MapState,
    MapView,
    Plan,
    plan_of_scene,
)
from vr_app.ui.plan_map.base import paint_base
from vr_app.ui.plan_map.map_panel import BORDER, HEADER
from vr_app.ui.plan_map.view import scale_bar

VIEW = MapView(0.0, 0.0, 0.5)
metres = st.floats(-2000, 2000)


def drift(low: tuple[float, float, float], length: float = 60.0) -> tuple[np.ndarray, np.ndarray]:
    """Floor, roof and walls of a drift to the north, 5 m wide and high: vertices, triangles."""
    x, y, z = low
    corners = np.array(
        [(x + dx, y + dy, z + dz) for dy in (0, length) for dz in (0, 5) for dx in (0, 5)],
        np.float32,
    )
    quads = [(0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5)]
    triangles = [tri for a, b, c, d in quads for tri in ((a, b, c), (a, c, d))]
    return corners, np.array(triangles, np.uint32)


@pytest.fixture(scope="module")
def corners() -> npt.NDArray[np.float32]:
    """Two levels, 370 and 400, under flat ground at 450 that is walkable too."""
    lower, triangles = drift((0, 0, 370))
    upper, _ = drift((20, 0, 400))
    ground = np.array([(-100, -100, 450), (100, -100, 450), (100, 100, 450), (-100, 100, 450)])
    vertices = np.concatenate([lower, upper, ground]).astype(np.float32)
    faces = np.concatenate([triangles, triangles + 8, np.array([(16, 17, 18), (16, 18, 19)])])
    return np.asarray(vertices[faces], np.float32)


def walk_of(*pieces: npt.NDArray[np.float32]) -> WalkMap:
    heights = np.full((50, 50), 450.0, np.float32)
    heights[:, 45:] = np.nan
    floors = Floors(heights, (-100.0, -100.0), 4.0)
    for piece in pieces:
        floors.add(piece)
    return WalkMap(heights, (-100.0, -100.0), 4.0, floors.points())


@pytest.fixture(scope="module")
def walk(corners: npt.NDArray[np.float32]) -> WalkMap:
    return walk_of(corners)


@pytest.fixture(scope="module")
def scene() -> Scene:
    nodes = [
        NetworkNode(id="a", position=(2.5, 0, 370)),
        NetworkNode(id="b", position=(2.5, 60, 370)),
        NetworkNode(id="c", position=(-40, 60, 371)),
    ]
    edges = [
        NetworkEdge(id="ab", start="a", end="b", length_m=60),
        NetworkEdge(id="bc", start="b", end="c", length_m=42),
    ]
    return Scene(
        name="test",
        frame=Frame(origin=(0, 0, 100)),
        networks=[Network(id="ways", kind="travel", nodes=nodes, edges=edges)],
        places=[
            Place(id="r", kind="refuge", title={"en": "Refuge", "ru": "Камера-убежище"},
                  position=(2.5, 50, 370), level="470"),
            Place(id="t", kind="portal", title={"en": "Portal"}, position=(-60, -60, 450)),
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def plan(scene: Scene, walk: WalkMap) -> Plan:
    return plan_of_scene(scene, walk)


@given(metres, metres, st.floats(0, 520), st.floats(0, 440), st.floats(-6, 6))
def test_pixels_and_metres_agree_and_zooming_keeps_the_pointer(
    east: float, north: float, x: float, y: float, steps: float
) -> None:
    view = replace(VIEW, east=east, north=north)
    assert view.to_pixel(*view.to_scene(x, y)) == pytest.approx((x, y), abs=1e-6)
    before = view.to_scene(x, y)
    zoomed = view.zoomed(steps, (x, y))
    assert zoomed.to_scene(x, y) == pytest.approx(before, abs=1e-5)
    if abs(steps) > 1e-6:
        assert (zoomed.metres_per_pixel < view.metres_per_pixel) == (steps > 0)


def test_north_is_up_and_dragging_moves_the_ground_along() -> None:
    assert VIEW.to_pixel(10, 0)[0] > VIEW.to_pixel(0, 0)[0]
    assert VIEW.to_pixel(0, 10)[1] < VIEW.to_pixel(0, 0)[1]
    there = VIEW.to_scene(100, 100)
    assert VIEW.panned(30, -20).to_pixel(*there) == pytest.approx((130, 80))


def test_zoom_has_ends() -> None:
    assert VIEW.zoomed(100).metres_per_pixel == 0.05
    assert VIEW.zoomed(-100).metres_per_pixel == 50.0


def test_a_fitted_view_holds_the_whole_rectangle() -> None:
    view = VIEW.fitted((-300, 50), (100, 900))
    for east, north in ((-300, 50), (100, 900)):
        assert view.holds(*view.to_pixel(east, north), margin=-5)
    assert VIEW.fitted((5, 5), (5, 5)).metres_per_pixel > 0


@pytest.mark.parametrize(("scale", "metres"), [(0.5, 50), (0.05, 5), (3.0, 200), (50.0, 5000)])
def test_scale_bars_are_round(scale: float, metres: float) -> None:
    assert scale_bar(scale, 140) == metres


def test_floors_are_found_roofs_and_open_ground_are_not(walk: WalkMap) -> None:
    floors = walk.floors
    assert set(np.round(floors[:, 2]).astype(int)) == {370, 400}
    lower = floors[floors[:, 2] < 380]
    assert 100 < len(lower) < 400
    assert lower[:, :2].min() >= -0.1 and lower[:, 0].max() <= 5.1


def test_floors_that_come_in_pieces_are_the_same(
    walk: WalkMap, corners: npt.NDArray[np.float32]
) -> None:
    shuffled = np.random.default_rng(3).permutation(corners)
    pieces = walk_of(*(shuffled[first : first + 3] for first in range(0, len(shuffled), 3)))
    assert np.array_equal(pieces.floors, walk.floors)


def test_slopes_over_each_other_in_the_open_are_no_workings(
    walk: WalkMap, corners: npt.NDArray[np.float32]
) -> None:
    """A narrow ledge under an overhang has something above it and is still no floor."""
    ledge = np.array([(60, 0, 440), (60.8, 0, 440), (60.8, 40, 440), (60, 40, 440)], np.float32)
    with_ledge = walk_of(corners, ledge[np.array([[0, 1, 2], [0, 2, 3]])])
    assert len(with_ledge.floors) == len(walk.floors)


def test_places_are_named_in_the_readers_language_within_the_map(plan: Plan) -> None:
    english, russian = translator("en"), translator("ru")
    state = MapState((500, 500, 370.0))
    painter = MapPainter(plan)
    # The refuge stands at the right edge: its name has to go to the left of it.
    view = VIEW.centred(2.5 - 125.0, 50.0)
    one = painter.paint(view, state, english).rgba[int(HEADER) :, 8:-8]
    other = painter.paint(view, state, russian).rgba[int(HEADER) :, 8:-8]
    changed = np.nonzero((one != other).any(axis=2)[60:360])[1]
    assert changed.min() > 200 and changed.max() < 510


def test_a_plan_knows_levels_ground_and_where_it_is_dark(plan: Plan) -> None:
    assert plan.level_at(372.0) == "470"
    assert plan.level_at(400.0) == ""
    assert plan.datum_m == 100.0
    assert plan.ground_height(0, 0) == 450.0
    assert plan.ground_height(95, 0) is None and plan.ground_height(5000, 0) is None
    assert plan.under_ground((2, 10, 370)) and not plan.under_ground((2, 10, 450))
    low, high = plan.bounds()
    assert low == (-60, -60) and high[0] > 20 and high[1] == pytest.approx(60)


def test_clicks_lead_to_floors_ways_or_the_ground(plan: Plan) -> None:
    on_floor = plan.spot(4.0, 30.0, 371.0, 5.0, True)
    assert on_floor is not None and on_floor == pytest.approx((4, 30, 370), abs=1.2)
    on_way = plan.spot(-20.0, 61.0, 371.0, 5.0, True)
    assert on_way is not None and on_way == pytest.approx((-20, 60, 370.5), abs=0.3)
    assert plan.spot(22.0, 30.0, 371.0, 5.0, True) is None, "that is another level"
    assert plan.spot(-60.0, -20.0, 371.0, 5.0, True) is None
    assert plan.spot(-60.0, -20.0, 450.0, 5.0, False) == (-60.0, -20.0, 450.0)
    assert plan.spot(99.0, 0.0, 450.0, 5.0, False) is None


def test_a_click_on_the_picture_leads_to_what_is_under_it(plan: Plan) -> None:
    painter = MapPainter(plan)
    state = MapState((2.5, 10.0, 370.0))
    view = VIEW.centred(2.5, 30.0)
    x, y = view.to_pixel(2.5, 40.0)
    for scale in (1.0, 2.0):
        spot = painter.spot(view, state, (x + BORDER) * scale, (y + HEADER) * scale, scale)
        assert spot is not None and spot == pytest.approx((2.5, 40, 370), abs=1.2)
    assert painter.spot(view, state, 3, 3) is None


def test_a_scene_without_anything_still_makes_a_map() -> None:
    painter = MapPainter(plan_of_scene(Scene(name="empty")))
    painted = painter.paint(VIEW.fitted(*painter.plan.bounds()), MapState((0, 0, 0)),
                            translator("en"))  # fmt: skip
    assert painted.size == (536, 500)
    assert painter.spot(VIEW, MapState((0, 0, 0)), 200, 200) is None


def area(painted, view: MapView, east: float, north: float, half: int = 6) -> np.ndarray:
    """Pixels of the map around a place."""
    x, y = view.to_pixel(east, north)
    column, row = round(x + BORDER), round(y + HEADER)
    return painted.rgba[row - half : row + half, column - half : column + half, :3].astype(int)


def shows(pixels: np.ndarray, colour: theme.Colour, tolerance: int = 30) -> int:
    return int((np.abs(pixels - colour[:3]).max(axis=2) <= tolerance).sum())


def test_the_own_level_is_bright_the_other_faint(plan: Plan) -> None:
    view = VIEW.centred(12.0, 30.0)
    painted = MapPainter(plan).paint(view, MapState((200, 200, 370.0)), translator("en"))
    here, there = area(painted, view, 2.5, 20.0, 2), area(painted, view, 22.5, 20.0, 2)
    rock = area(painted, view, 60.0, 20.0, 2)
    assert here.mean() > there.mean() + 40 > rock.mean() + 60


def test_people_alarms_and_oneself_are_seen(plan: Plan) -> None:
    view = VIEW.centred(0.0, 20.0)
    colour = theme.member_colour(1)
    sensors = (MapSensor((-50, 0, 400), "alarm"), MapSensor((-70, 0, 400), "warning"),
               MapSensor((-30, 0, 370), "warning"))  # fmt: skip
    state = MapState((2.5, 20.0, 370.0), 90.0, (MapPerson("Boris", colour, (50, 50, 371.6)),),
                     sensors)  # fmt: skip
    painter = MapPainter(plan)
    painted = painter.paint(view, state, translator("en"))
    assert shows(area(painted, view, 50, 50), colour) > 30
    assert shows(area(painted, view, -50, 0, 14), theme.ALARM) > 30, "alarms of every level"
    assert shows(area(painted, view, -70, 0), theme.WARNING) == 0, "warnings of this level only"
    assert shows(area(painted, view, -30, 0), theme.WARNING) > 10
    # The arrow points where one looks, east: more white ahead than behind.
    pixels = area(painted, view, 2.5, 20.0, 16)
    white = np.nonzero((pixels > 245).all(axis=2))[1] - 16
    assert white.max() >= 10 and white.min() >= -9 and (white > 8).sum() < (white < -4).sum()
    flashing = painter.paint(view, replace(state, flash=True), translator("en"))
    assert (flashing.rgba != painted.rgba).any()


def test_out_of_sight_an_arrow_at_the_edge_shows_the_way_back(plan: Plan) -> None:
    view = VIEW.centred(1000.0, 0.0)
    painted = MapPainter(plan).paint(view, MapState((0, 0, 370.0)), translator("en"))
    left = painted.rgba[int(HEADER) : -8, int(BORDER) : int(BORDER) + 40, :3].astype(int)
    assert shows(left, (255, 255, 255, 255), 10) > 40


def test_the_still_base_is_painted_once(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    from vr_app.ui.plan_map import map_panel

    painted: list[float] = []
    original = map_panel.paint_base

    def counting(plan, view, elevation, *rest):
        painted.append(elevation)
        return original(plan, view, elevation, *rest)

    monkeypatch.setattr(map_panel, "paint_base", counting)
    painter = MapPainter(plan)
    english = translator("en")
    for step in range(5):
        painter.paint(VIEW, MapState((step, 0, 370.0 + 0.1 * step), 10 * step), english)
    assert len(painted) == 1
    painter.paint(VIEW, MapState((0, 0, 400.0)), english)
    painter.paint(VIEW.zoomed(1), MapState((0, 0, 400.0)), english)
    painter.paint(VIEW.zoomed(1), MapState((0, 0, 400.0)), translator("ja"))
    assert len(painted) == 3, "another language needs no other ground"


def test_following_somebody_shifts_the_same_base(plan: Plan) -> None:
    """The cut-out lies exactly where a map painted for that view alone would put things."""
    painter = MapPainter(plan)
    state = MapState((500, 500, 370.0))
    for east in (0.0, 13.5, 40.0, 131.0):
        view = VIEW.centred(east, 20.0)
        shifted = painter.paint(view, state, translator("en"))
        alone = np.asarray(paint_base(plan, view, 370.0, True)).astype(int)
        # Away from the header, the compass, the buttons and the scale.
        shown = shifted.rgba[int(HEADER) :, int(BORDER) :][80:300, 20:440]
        assert (np.abs(shown - alone[80:300, 20:440]).max(axis=2) > 40).mean() < 0.01
        x, y = view.to_pixel(2.5, 20.0)
        if view.holds(x, y, -8):
            assert area(shifted, view, 2.5, 20.0, 2).mean() > 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_answers(plan: Plan, language: str) -> None:
    painted = MapPainter(plan).paint(VIEW, MapState((2.5, 10, 370.0)), translator(language))
    names = {hit.name for hit in painted.hits}
    assert names == {"map", "zoom:in", "zoom:out", "here", "close"}
    for hit in painted.hits:
        if hit.name != "map":
            assert painted.hit((hit.left + hit.right) / 2, (hit.top + hit.bottom) / 2) == hit.name
    assert painted.hit(BORDER + 40, HEADER + 40) == "map"
