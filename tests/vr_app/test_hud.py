"""The panels' logic without a window: what opens, what a click means, what is painted when."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import pytest
from panda3d.core import NodePath

from vr_app.hud import MESSAGES_SHOWN_S, Hud, HudEvent
from vr_app.overlay.images import PreparedImage
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.ui.message_panel import ChatMessage
from vr_app.ui.settings_panel import Settings

WINDOW = (1280, 720)


class Bench:
    """A hud with its frames: lays out, waits for the painter, hands the images over."""

    def __init__(self) -> None:
        self.painter = PaintQueue()
        self.hud = Hud(NodePath("screen"), Settings(), self.painter)

    def frame(self, now: float = 0.0) -> None:
        self.hud.update(WINDOW, now, aiming=False, captured=False)
        assert self.painter.wait()
        while self.painter.take(self._take):
            pass

    def _take(self, key: Hashable, image: PreparedImage) -> None:
        assert self.hud.take(key, image)

    def visible(self, panel: str) -> bool:
        return self.hud._panels[panel].visible

    def part(self, panel: str, name: str) -> tuple[float, float]:
        """A window pixel of a named part of a panel."""
        one = self.hud._panels[panel]
        left, top, right, bottom = one.rectangle
        for y in range(int(top), int(bottom), 3):
            for x in range(int(left), int(right), 3):
                if one.hit(x, y) == name:
                    return x, y
        raise AssertionError(f"{panel} has no part {name}")


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    yield one
    one.painter.close()
    assert one.painter.problems == []


def test_dialogs_are_open_one_at_a_time_and_free_the_mouse(bench: Bench) -> None:
    hud = bench.hud
    hud.toggle("help")
    assert hud.wants_pointer
    hud.toggle("settings")
    bench.frame()
    assert bench.visible("settings") and not bench.visible("help")
    hud.toggle("settings")
    bench.frame()
    assert not hud.wants_pointer and not bench.visible("settings")


def test_escape_closes_what_is_in_front_first(bench: Bench) -> None:
    hud = bench.hud
    hud.toggle("map")
    hud.toggle("help")
    hud.start_writing()
    assert hud.escape() and hud.editor is None and hud.wants_pointer
    assert hud.escape() and not hud.wants_pointer and hud.map_open
    assert hud.escape() and not hud.map_open
    assert not hud.escape()


def test_clicks_on_the_menu_and_on_settings(bench: Bench) -> None:
    bench.frame()
    event = bench.hud.click(bench.part("menu", "settings"))
    assert event is not None and event.name == "settings"
    bench.frame()
    event = bench.hud.click(bench.part("settings", "language:ja"))
    assert event == HudEvent("settings", settings=bench.hud.settings)
    assert bench.hud.translate.language == bench.hud.settings.language == "ja"
    bench.frame()
    bench.hud.click(bench.part("settings", "close"))
    assert not bench.hud.wants_pointer
    assert bench.hud.click((WINDOW[0] / 2, WINDOW[1] - 2)) is None  # on no panel


def test_the_part_under_the_pointer_is_painted_differently(bench: Bench) -> None:
    bench.frame()
    asked: list[object] = []
    ask = bench.painter.ask
    bench.painter.ask = lambda key, paint: (asked.append(key), ask(key, paint))[1]  # type: ignore[method-assign,func-returns-value]
    bench.frame()
    assert asked == []  # nothing changed, nothing is painted
    bench.hud.hover(bench.part("menu", "help"))
    bench.frame()
    bench.hud.hover(None)
    bench.frame()
    assert asked == [(bench.hud, "menu")] * 2


def test_a_hidden_panel_does_not_come_back_with_what_it_said_last_time(bench: Bench) -> None:
    hud = bench.hud
    hud.notice("first", "info", now=0.0, seconds=1.0)
    bench.frame(0.5)
    assert bench.visible("notice")
    bench.frame(2.0)
    assert not bench.visible("notice")
    hud.notice("second", "info", now=3.0, seconds=1.0)
    assert not bench.visible("notice")  # "first" is still the image
    bench.frame(3.1)
    assert bench.visible("notice")
    hud.notice("third", "info", now=3.2)
    assert bench.visible("notice")  # one that is seen stays until the next is painted


def test_a_line_is_written_and_ends_in_its_purpose(bench: Bench) -> None:
    hud = bench.hud
    assert hud.write(["enter"], "nobody writes") is None
    hud.start_writing("note")
    assert hud.write([], "су 水") is None
    assert hud.write(["backspace"], "x") is None
    assert hud.write(["enter"], "") == HudEvent("note", "су 水")
    assert hud.editor is None
    hud.start_writing()
    assert hud.write(["enter"], "") is None  # an empty line says nothing
    hud.start_writing()
    assert hud.write(["escape", "enter"], "dropped") is None and hud.editor is None


def test_messages_show_for_a_while_and_count_until_read(bench: Bench) -> None:
    hud = bench.hud
    said = [ChatMessage("Aru", f"{n}", (1, 2, 3, 255), "10:00") for n in range(30)]
    hud.messages(said[:1], now=0.0)
    bench.frame(1.0)
    assert bench.visible("messages") and hud._unread == 1
    bench.frame(MESSAGES_SHOWN_S + 1)
    assert not bench.visible("messages")
    hud.messages(said, now=20.0)
    assert len(hud._messages) == 20 and hud._messages[-1] == said[-1]
    hud.start_writing()
    bench.frame(20.1)
    assert hud._unread == 0


def test_a_question_is_answered_by_a_click(bench: Bench) -> None:
    bench.hud.choice("Which way?", (("left", "Left"), ("right", "Right")))
    bench.frame()
    assert bench.hud.click(bench.part("choice", "choose:right")) == HudEvent("choose", "right")
    bench.hud.choice("", ())
    assert not bench.visible("choice")


def test_languages_go_round(bench: Bench) -> None:
    seen = []
    for _ in range(5):
        bench.hud.next_language()
        seen.append(bench.hud.translate.language)
    assert seen[0] == seen[4] and len(set(seen)) == 4


def test_pictures_are_bare(bench: Bench) -> None:
    bench.frame()
    assert bench.visible("menu")
    bench.hud.bare(True)
    bench.frame()
    assert not bench.visible("menu") and not bench.visible("crosshair")
