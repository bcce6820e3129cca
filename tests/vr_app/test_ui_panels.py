"""Painted panels: nothing runs over an edge in any language, states differ, clicks find parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from assets.text import LANGUAGES, translator
from vr_app.sections_part import CHANGE, MAKE
from vr_app.ui import canvas as canvas_module
from vr_app.ui import theme
from vr_app.ui.canvas import BODY, Canvas, Painted, TextStyle
from vr_app.ui.drill_panel import DrillView, paint_drill_panel
from vr_app.ui.help_panel import paint_help_panel
from vr_app.ui.history_panel import HistoryLine, HistoryView, paint_history_panel
from vr_app.ui.icons import ICONS, draw_icon
from vr_app.ui.layers_panel import LayerRow, LayersView, paint_layers_panel
from vr_app.ui.legend import LegendView, paint_legend
from vr_app.ui.line_editor import LineEditor
from vr_app.ui.menu_bar import DESKTOP_MENU, paint_menu_bar
from vr_app.ui.message_panel import ChatMessage, paint_message_panel
from vr_app.ui.name_plate import NamePlate, paint_name_plate, role_text
from vr_app.ui.notices import Notice, paint_crosshair, paint_hint, paint_notice
from vr_app.ui.people_panel import (
    PeopleAct,
    PeopleView,
    PersonRow,
    paint_people_panel,
    panel_width,
    rows_that_fit,
)
from vr_app.ui.sections_panel import SectionRow, SectionsView, paint_sections_panel
from vr_app.ui.sensor_label import Reading, SensorLabel, paint_sensor_label
from vr_app.ui.settings_panel import LANGUAGE_NAMES, Settings, paint_settings_panel

LONG = "Концентрация оксида углерода растёт, включитесь в самоспасатель " * 4
ALARM = Reading("pH", 3.4, "[pH]", 2, "falling", 3, "alarm")


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Canvas, str, float, float]]:
    """Every text drawn during the test: its canvas, the text, and where it starts and ends."""
    drawn: list[tuple[Canvas, str, float, float]] = []
    original = Canvas.text

    def text(
        self: Canvas,
        x: float,
        middle: float,
        text: str,
        style: TextStyle = BODY,
        align: str = "left",
    ) -> float:
        width = original(self, x, middle, text, style, align)
        left = x - {"left": 0.0, "centre": width / 2, "right": width}[align]
        drawn.append((self, text, left, left + width))
        assert style.size * 0.3 <= middle <= self.height - style.size * 0.3, text
        return width

    monkeypatch.setattr(canvas_module.Canvas, "text", text)
    return drawn


def people(asked: str | None = None) -> PeopleView:
    """A moderator's list with every mark and every act, in the longest words."""
    marks = {"leads": True, "muted": True, "kept_out": True}
    rows = [
        PersonRow(
            f"p{n}", LONG, theme.member_colour(n), "instructor", LONG, "kk", 1, 12340, **marks
        )
        for n in range(4)
    ]
    rows.append(PersonRow("gone", LONG, theme.STALE, present=False))
    names = ("admit", "unmute", "mute", "kick", "take-lead", "lead", "end-lead", "lock", "unlock")
    acts = tuple(PeopleAct(name) for name in names)
    editor = None if asked is None else LineEditor(LONG, 100)
    return PeopleView(tuple(rows), 100, 3, 120, "p1", acts, True, asked, editor)


def everything(language: str) -> Iterator[Painted]:
    t = translator(language)
    yield paint_help_panel(t)
    yield paint_settings_panel(Settings(language), t)
    yield paint_menu_bar(t, badges={"messages": 12})
    yield paint_menu_bar(t, badges={"messages": 12}, room=400)
    for width in (340.0, 600.0):
        for asked in (None, LONG):
            yield paint_people_panel(people(asked), t, width=width)
        changes = [HistoryLine(LONG, theme.STALE, t("ui-history-op-restore"), "2026-10-24 10:43",
                               LONG)] * 6  # fmt: skip
        past = HistoryView(tuple(changes), True, ("delete", "restore"))
        yield paint_history_panel(past, t, "act:1", width=width)
        yield paint_history_panel(HistoryView(), t, width=width)
    chat = [
        ChatMessage(LONG, LONG, theme.member_colour(1), "10:42"),
        ChatMessage("さくら", "a" * 900, theme.member_colour(2)),
    ]
    yield paint_message_panel(chat, t, LineEditor(LONG, 150))
    yield paint_message_panel([], t, LineEditor())
    for verdict in (None, "passed", "failed", "aborted"):
        yield paint_drill_panel(DrillView(LONG, LONG, LONG, 3, 12, 9, 60, 35, 100, verdict), t)
    for message in ("session-reconnecting", "ui-notice-fictional"):
        yield paint_notice(Notice(t(message), "warning"))
    yield paint_notice(Notice(LONG))
    yield paint_hint("Enter", LONG)
    yield paint_crosshair(True)
    layers = [LayerRow(f"l{n}", LONG, n % 2 == 0, 0.25, True, n % 3 == 0 or None) for n in range(9)]
    for may in (True, False):
        yield paint_layers_panel(LayersView(tuple(layers), 3, 40, may, may), t, "glass:l1")
        acts = (*MAKE, *CHANGE) if may else ()
        cut = [SectionRow(f"s{n}", LONG, LONG, theme.member_colour(n)) for n in range(3 * may)]
        yield paint_sections_panel(SectionsView(tuple(cut), "s1", acts), t, "act:1")
    for low, high in ((0.0, 1e-4), (-1234567.0, 9876543.0), (0.2, 2.8)):
        field = LegendView(LONG, "[ppm]", LONG, "cividis", low, high, low, high)
        yield paint_legend(field, t, "whole")
    for role in ("observer", "visitor", "trainee", "engineer", "instructor", "admin", "x" * 99):
        yield paint_name_plate(NamePlate(LONG, role, language, theme.member_colour(0), True), t)
    readings = (ALARM, Reading(LONG, -123456.789, "uS/cm", 3, "steady", 1e9, quality="uncertain"),
                Reading("x", None, "%", stale=True))  # fmt: skip
    yield paint_sensor_label(SensorLabel(LONG, readings, simulated=True), t)
    yield paint_sensor_label(SensorLabel("x", ()), t)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_leaves_its_panel(
    language: str, texts: list[tuple[Canvas, str, float, float]]
) -> None:
    for painted in everything(language):
        assert painted.rgba.dtype == np.uint8 and painted.rgba.shape[2] == 4
        assert painted.size[0] <= 1240 and painted.size[1] <= 720
    assert len(texts) > 100
    for canvas, text, left, right in texts:
        assert left >= 2 and right <= canvas.width - 2, f"{language}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_window_at_1280_by_720_holds_every_panel(language: str) -> None:
    t = translator(language)
    for painted in (paint_help_panel(t), paint_settings_panel(Settings(), t), paint_menu_bar(t)):
        width, height = painted.size
        assert width <= 1240 and height <= 620


def test_scale_two_is_twice_as_large_with_the_same_parts() -> None:
    t = translator("en")
    one, two = (paint_settings_panel(Settings(), t, scale=scale) for scale in (1.0, 2.0))
    assert abs(two.size[0] - 2 * one.size[0]) <= 8
    assert [hit.name for hit in one.hits] == [hit.name for hit in two.hits]


def test_text_is_really_there_and_in_its_colour() -> None:
    canvas = Canvas(200, 40)
    width = canvas.text(10, 20, "坑道 CO", TextStyle(20, (255, 0, 0, 255)))
    rgba = canvas.painted().rgba
    rows, columns = np.nonzero(rgba[..., 3] > 128)
    assert columns.min() >= 10 and columns.max() <= 10 + width + 1
    assert abs((rows.min() + rows.max()) / 2 - 20) < 3
    # Smooth edges keep the text's colour: no dark fringe on a transparent ground.
    assert (rgba[rgba[..., 3] > 8][:, :3] == (255, 0, 0)).all()


def test_every_symbol_differs_from_the_others() -> None:
    seen: set[bytes] = set()
    for name in ICONS:
        canvas = Canvas(40, 40)
        draw_icon(canvas, name, 20, 20, 30)
        rgba = canvas.painted().rgba
        alpha = rgba[..., 3]
        assert 30 < np.count_nonzero(alpha) < 1300, name
        assert not alpha[:2].any() and not alpha[:, :2].any(), f"{name} is cut off"
        seen.add(rgba.tobytes())
    assert len(seen) == len(ICONS)


def test_states_are_told_apart_without_colour() -> None:
    """Grey copies of the four labels differ: shape, not only colour, carries the state."""
    t = translator("en")
    greys = []
    for reading in (
        Reading("pH", 7.0, "[pH]", 1, None, 3),
        Reading("pH", 7.0, "[pH]", 1, None, 3, "warning"),
        Reading("pH", 7.0, "[pH]", 1, None, 3, "alarm"),
        Reading("pH", 7.0, "[pH]", 1, None, 3, stale=True),
    ):
        painted = paint_sensor_label(SensorLabel("x", (reading,)), t)
        greys.append(painted.rgba[4:36, 4:38, 3].astype(int) // 256
                     + (painted.rgba[4:36, 4:38, :3].max(axis=2) > 120))  # fmt: skip
    for first in range(4):
        for second in range(first):
            assert np.count_nonzero(greys[first] != greys[second]) > 20, (first, second)


def test_a_stopped_source_is_stale_but_its_alarm_stays() -> None:
    assert Reading("x", 1.0, "%", stale=True).state == "stale"
    assert Reading("x", 1.0, "%", level="warning", stale=True).state == "stale"
    assert Reading("x", 1.0, "%", level="alarm", stale=True).state == "alarm"
    assert Reading("x", None, "%").state == "stale"
    good, bad = Reading("x", 1.0, "%"), Reading("x", None, "%")
    assert SensorLabel("x", (good, bad)).state == "stale"
    assert SensorLabel("x", (good, bad, ALARM)).state == "alarm"


def test_clicks_on_the_settings_change_them() -> None:
    t = translator("en")
    settings = Settings()
    painted = paint_settings_panel(settings, t)
    middles = {h.name: ((h.left + h.right) / 2, (h.top + h.bottom) / 2) for h in painted.hits}

    def click(name: str) -> None:
        nonlocal settings
        hit = painted.hit(*middles[name])
        assert hit == name
        settings = settings.clicked(hit)

    for name in ("language:kk", "turn:smooth", "quality:high", "fly:more", "sensitivity:less"):
        click(name)
    assert settings == Settings("kk", 0.75, "smooth", 20.0, "high")
    for _ in range(20):
        click("fly:less")
    assert settings.fly_speed_m_s == 2.0
    assert settings.clicked("language:xx") == settings == settings.clicked("close")
    assert painted.hit(1, 1) is None
    assert "close" in middles


def test_settings_from_a_damaged_file_fall_back_to_defaults() -> None:
    damaged = {"language": "xx", "mouse_sensitivity": [], "turn": None, "quality": "high", "z": 1}
    assert Settings.from_dict(damaged) == Settings(quality="high")


def test_every_language_can_be_chosen_under_its_own_name() -> None:
    assert set(LANGUAGE_NAMES) == set(LANGUAGES)


def test_the_menu_answers_to_each_button() -> None:
    painted = paint_menu_bar(translator("ja"), hovered="map")
    for button, hit in zip(DESKTOP_MENU, painted.hits, strict=True):
        assert painted.hit((hit.left + hit.right) / 2, hit.top + 3) == button.name
    plain = paint_menu_bar(translator("ja"))
    assert (plain.rgba != painted.rgba).any(), "hovering is seen"


def test_the_people_panel_answers_to_people_and_acts() -> None:
    painted = paint_people_panel(people(), translator("kk"))
    names = {hit.name for hit in painted.hits}
    assert {"close", "person:p0", "person:gone", "act:1", "act:9"} <= names and "ask" not in names
    asking = {hit.name for hit in paint_people_panel(people(LONG), translator("kk")).hits}
    assert {"ask", "cancel", "input"} <= asking and "act:1" not in asking


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("window", [(1280, 720), (800, 600), (480, 480)])
def test_the_people_panel_fits_its_window(language: str, window: tuple[int, int]) -> None:
    """With what a moderator can be offered at most: five acts."""
    view = people()
    view = replace(view, rows=(view.rows * 2)[: rows_that_fit(window[1])], acts=view.acts[3:8])
    asking = replace(view, asked="Aigerim Nurlanovna Serik", reason=LineEditor())
    for one in (view, asking):
        wide, high = paint_people_panel(
            one, translator(language), width=panel_width(window[0])
        ).size
        assert wide <= window[0] and high <= window[1] - 20


def test_long_typing_keeps_the_cursor_in_view() -> None:
    painted = paint_message_panel([], translator("en"), LineEditor("x" * 300, 300))
    hit = next(hit for hit in painted.hits if hit.name == "input")
    row = painted.rgba[int((hit.top + hit.bottom) / 2), int(hit.left) : int(hit.right)]
    accent = np.abs(row[:, :3].astype(int) - theme.ACCENT[:3]).sum(axis=1) < 40
    cursor = np.flatnonzero(accent)[np.flatnonzero(accent) < len(row) - 6].max()
    assert cursor > len(row) * 0.8


def test_a_role_from_a_newer_server_is_shown_as_it_came() -> None:
    assert role_text("surveyor", translator("ru")) == "surveyor"
    assert role_text("engineer", translator("ru")) == "Инженер"
