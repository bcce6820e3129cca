"""Cards on the screen and labels in the world, looked at in rendered pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from assets.text import translator
from scenes.schema import AlarmBand, Datastream, Sensor, Simulation
from tests.vr_app.picture import close_to, offscreen
from vr_app.display.base import Display
from vr_app.overlay.images import PreparedImage, prepare
from vr_app.overlay.notes import MAX_NOTES, Highlight, NoteLayer
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.overlay.screen_panel import ScreenPanel
from vr_app.overlay.sensor_labels import SensorLabelLayer, shown_age
from vr_app.overlay.world_label import WorldLabel, make_label_root
from vr_app.ui import theme
from vr_app.ui.canvas import Canvas
from vr_app.ui.theme import Colour
from vr_app.world.geom import make_geom_node
from vr_app.world.lighting import Lighting
from vr_app.world.shapes import box

GREEN: Colour = (0, 220, 60, 255)
PINK: Colour = (250, 60, 200, 255)
ORIGIN = np.zeros(3)


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    yield from offscreen((1280, 720))


@pytest.fixture
def scene(display: Display) -> Iterator[Display]:
    """The display, looking north from the origin, emptied afterwards."""
    display.set_eye(ORIGIN, 0.0, 0.0)
    before = {node.get_name() for node in display.scene_root.get_children()}
    screen = {node.get_name() for node in display.screen_root.get_children()}
    yield display
    for root, kept in ((display.scene_root, before), (display.screen_root, screen)):
        for node in list(root.get_children()):
            if node.get_name() not in kept:
                node.remove_node()


def card(colour: Colour = GREEN, width: int = 60, height: int = 30) -> PreparedImage:
    canvas = Canvas(width, height, background=colour)
    canvas.add_hit("right half", width / 2, 0, width, height)
    return prepare(canvas.painted())


def look(display: Display) -> np.ndarray:
    display.draw()
    return display.picture()


def where(picture: np.ndarray, colour: Colour) -> tuple[float, float, int]:
    """Middle (x, y) and number of the pixels of a colour."""
    rows, columns = np.nonzero(close_to(picture, colour))
    if not len(rows):
        return 0.0, 0.0, 0
    return float(columns.mean()), float(rows.mean()), len(rows)


def wall(display: Display, north: float, width: float = 40.0) -> None:
    root = display.scene_root.attach_new_node("wall root")
    Lighting(root)
    solid = box((0, north, 0), (width, 0.2, 40.0), (90, 90, 90), "plain")
    root.attach_new_node(
        make_geom_node("wall", solid.positions, solid.triangles, solid.normals, solid.colours)
    )


def test_a_panel_stands_where_it_was_put_pixel_by_pixel(scene: Display) -> None:
    panel = ScreenPanel(scene.screen_root, "panel", "top right", (10, 20))
    panel.resize((1280, 720))
    panel.show()
    assert not panel.visible, "nothing to show yet"
    panel.take(card())
    picture = look(scene)
    mask = close_to(picture, GREEN, 2)
    assert mask[20:50, 1210:1270].all()
    assert mask.sum() == 60 * 30
    assert panel.rectangle == (1210, 20, 1270, 50)
    assert panel.hit(1265, 30) == "right half"
    assert panel.hit(1215, 30) == ""
    assert panel.hit(1209, 30) is None
    panel.show(False)
    assert panel.hit(1265, 30) is None
    assert not close_to(look(scene), GREEN, 2).any()


@pytest.mark.parametrize(
    ("corner", "place"),
    [("top left", (8, 6)), ("bottom", (298, 324)), ("middle", (298, 171)), ("left", (8, 171))],
)
def test_panels_keep_to_their_corner(
    scene: Display, corner: str, place: tuple[float, float]
) -> None:
    panel = ScreenPanel(scene.screen_root, "panel", corner, (8, 6))
    panel.resize((640, 360))
    panel.take(card())
    assert panel.rectangle[:2] == place
    panel.resize((1280, 720))
    assert (panel.rectangle[:2] == place) == (corner == "top left")


def test_a_label_stands_above_its_point_and_faces_the_eye(scene: Display) -> None:
    root = make_label_root(scene.scene_root, "labels")
    label = WorldLabel(root, "label", (0, 5, 0), stem=40)
    label.set_colour(PINK)
    label.take(card(GREEN, 240, 120))
    x, y, count = where(look(scene), GREEN)
    # 240 x 120 image pixels at half a pixel each.
    assert abs(x - 640) < 2 and count == pytest.approx(120 * 60, rel=0.1)
    assert y < 360 - 20 - 20
    rows, columns = np.nonzero(close_to(look(scene), PINK, 60))
    stem_x, stem_y, stem_count = columns.mean(), rows.mean(), len(rows)
    assert stem_count > 5 and abs(stem_x - 640) < 2 and 335 < stem_y < 362
    # From the side it faces the eye again and is as wide.
    scene.set_eye(np.array([5.0, 5.0, 0.0]), -np.pi / 2, 0.0)
    _, _, from_east = where(look(scene), GREEN)
    assert from_east == pytest.approx(count, rel=0.1)


def test_labels_keep_their_size_near_and_shrink_far_away(scene: Display) -> None:
    root = make_label_root(scene.scene_root, "labels")
    label = WorldLabel(root, "label", (0, 3, 0))
    label.take(card(GREEN, 240, 120))
    counts = []
    for distance in (3.0, 6.0, 18.0):
        label.move((0, distance, 0))
        counts.append(where(look(scene), GREEN)[2])
    assert counts[1] == pytest.approx(counts[0], rel=0.1)
    assert counts[2] == pytest.approx(counts[0] / 4, rel=0.35)


def test_near_labels_lie_over_walls_and_far_ones_are_hidden_by_them(scene: Display) -> None:
    root = make_label_root(scene.scene_root, "labels")
    label = WorldLabel(root, "label", (0, 6, 0))
    label.take(card(GREEN, 240, 120))
    wall(scene, 5.0)
    assert where(look(scene), GREEN)[2] > 1000
    label.move((0, 40, 0))
    assert where(look(scene), GREEN)[2] == 0


def test_a_label_gone_or_hidden_takes_no_late_image(scene: Display) -> None:
    root = make_label_root(scene.scene_root, "labels")
    hidden = WorldLabel(root, "hidden", (0, 5, 0))
    hidden.show(False)
    hidden.take(card())
    assert where(look(scene), GREEN)[2] == 0
    hidden.show(True)
    assert where(look(scene), GREEN)[2] > 100
    hidden.remove()
    hidden.take(card())
    assert where(look(scene), GREEN)[2] == 0


def sensor(sensor_id: str, position: tuple[float, float, float]) -> Sensor:
    stream = Datastream(
        id=f"{sensor_id}-co",
        property="co",
        title={"en": "Carbon monoxide", "ru": "Оксид углерода"},
        unit="[ppm]",
        decimals=0,
        range=(0, 500),
        interval_s=5,
        bands=[AlarmBand(level="alarm", above=50, source="test")],
        simulation=Simulation(mean=5),
    )
    return Sensor(
        id=sensor_id, title={"en": "Station", "ru": "Пост"}, position=position, datastreams=[stream]
    )


@pytest.fixture
def painter() -> Iterator[PaintQueue]:
    queue = PaintQueue()
    yield queue
    queue.close()
    assert queue.problems == []


def deliver(layer: SensorLabelLayer | NoteLayer, painter: PaintQueue) -> int:
    assert painter.wait()
    count = 0

    def take(key: object, image: PreparedImage) -> None:
        nonlocal count
        assert layer.owns(key)
        layer.take(key, image)
        count += 1

    while painter.take(take):
        pass
    return count


def test_a_label_follows_its_sensor(scene: Display, painter: PaintQueue) -> None:
    layer = SensorLabelLayer(
        scene.scene_root, [sensor("near", (0, 5, 0))], translator("en"), painter
    )
    reading = layer.label_of("near", 100.0).readings[0]
    assert (reading.value, reading.state) == (None, "stale")
    layer.observe("near-co", 100.0, 8.4, "good", "simulated")
    label = layer.label_of("near", 101.0)
    assert (label.title, label.state, label.simulated) == ("Station", "normal", True)
    assert (label.readings[0].name, label.readings[0].value) == ("Carbon monoxide", 8.0)
    for step in range(8):
        layer.observe("near-co", 105.0 + 5 * step, 20.0 + 10 * step, "good", "measured")
    label = layer.label_of("near", 141.0)
    assert (label.state, label.readings[0].trend, label.simulated) == ("alarm", "rising", False)
    late = layer.label_of("near", 141.0 + 60)
    assert late.readings[0].stale and late.state == "alarm", "an alarm that stopped stays one"
    layer.observe("elsewhere", 200.0, 1.0, "good")
    layer.observe("near-co", 205.0, 30.0, "good", None)
    assert layer.label_of("near", 206.0).simulated, "unknown source: rather doubted"
    layer.set_language(translator("ru"))
    assert layer.label_of("near", 206.0).readings[0].name == "Оксид углерода"


def test_only_what_changed_is_painted(scene: Display, painter: PaintQueue) -> None:
    layer = SensorLabelLayer(
        scene.scene_root,
        [sensor("near", (0, 5, 0)), sensor("far", (0, 200, 0)), sensor("away", (0, 900, 0))],
        translator("en"),
        painter,
        scale=1.0,
    )
    layer.observe("near-co", 100.0, 8.0, "good")
    layer.update(100.0, ORIGIN, 0.0)
    assert deliver(layer, painter) == 2, "a label to read and a marker to find"
    picture = look(scene)
    assert close_to(picture, theme.NORMAL, 30).sum() > 20
    for step in range(1, 8):
        layer.observe("near-co", 100.0 + 0.5 * step, 8.1, "good")
        layer.update(100.0 + 0.5 * step, ORIGIN, 0.0)
    assert deliver(layer, painter) == 0, "a change that nobody can see is no change"
    layer.observe("near-co", 105.0, 80.0, "good")
    layer.update(105.0, ORIGIN, 0.0)
    assert deliver(layer, painter) == 1
    assert close_to(look(scene), theme.ALARM, 40).sum() > 40


def test_rock_between_hides_a_label(scene: Display, painter: PaintQueue) -> None:
    asked: list[float] = []

    def sees(eye: np.ndarray, point: np.ndarray) -> bool:
        asked.append(float(point[1]))
        return bool(point[1] < 6)

    layer = SensorLabelLayer(
        scene.scene_root,
        [sensor("here", (0, 5, 0)), sensor("behind", (1, 8, 0))],
        translator("en"),
        painter,
        sees=sees,
    )
    layer.update(100.0, ORIGIN, 0.0)
    assert deliver(layer, painter) == 1
    assert sorted(asked) == [5.0, 8.0]


def test_ages_are_calm_while_a_series_is_on_time() -> None:
    assert [shown_age(age, 5.0) for age in (3.0, 5.0, 7.0)] == [4.0, 5.0, 5.0]
    assert [shown_age(age, 5.0) for age in (12.0, 14.0, 59.0)] == [10.0, 10.0, 55.0]
    assert [shown_age(age, 5.0) for age in (75.0, 119.0, 125.0)] == [60.0, 60.0, 120.0]


def test_notes_are_shown_changed_and_taken_away(scene: Display, painter: PaintQueue) -> None:
    layer = NoteLayer(scene.scene_root, painter)
    layer.show("a", (0, 5, 0), "Aigerim", "Loose rock", PINK)
    assert deliver(layer, painter) == 1
    assert close_to(look(scene), PINK, 40).sum() > 20
    layer.show("a", (0, 5, 0), "Aigerim", "Scaled", PINK)
    layer.hide("a")
    deliver(layer, painter)
    assert len(layer) == 0
    assert not close_to(look(scene), PINK, 40).any()
    for number in range(MAX_NOTES + 3):
        layer.show(str(number), (0, 5, 0), "x", "y", PINK)
    assert len(layer) == MAX_NOTES


def test_a_usable_object_is_framed(scene: Display) -> None:
    highlight = Highlight(scene.scene_root)
    assert not highlight.visible
    highlight.show((0.0, 2.0, 0.0), 0.75)
    x, y, count = where(look(scene), theme.ACCENT)
    assert count > 30 and abs(x - 640) < 3 and abs(y - 360) < 3
    highlight.hide()
    assert where(look(scene), theme.ACCENT)[2] == 0
