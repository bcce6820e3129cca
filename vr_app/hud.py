"""The flat panels over the picture: menu, help, settings, messages, notices, hints, drill, map.

Keeps which panels are open and paints only what changed (in the painter's worker). What a click
means beyond the panels is told to the caller; nothing here reaches the room or the twin.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from panda3d.core import NodePath

from assets.text import LANGUAGES, Translator, translator
from vr_app.overlay.arrangement import drill_top, middle_shift, notice_top
from vr_app.overlay.images import PreparedImage
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.overlay.screen_panel import ScreenPanel
from vr_app.ui.canvas import Painted
from vr_app.ui.choice_panel import paint_choice_panel
from vr_app.ui.drill_panel import DrillView, paint_drill_panel
from vr_app.ui.help_panel import paint_help_panel
from vr_app.ui.history_panel import HistoryView, paint_history_panel
from vr_app.ui.line_editor import LineEditor
from vr_app.ui.line_sign import paint_line_sign
from vr_app.ui.menu_bar import paint_menu_bar
from vr_app.ui.message_panel import ChatMessage, paint_message_panel
from vr_app.ui.notices import Notice, Tone, paint_crosshair, paint_hint, paint_notice
from vr_app.ui.people_panel import PeopleView, paint_people_panel, panel_width
from vr_app.ui.settings_panel import Settings, paint_settings_panel

NOTICE_S: Final = 6.0
MESSAGES_SHOWN_S: Final = 12.0
# name -> (corner, margin, sort)
_PLACES: Final[dict[str, tuple[str, tuple[float, float], int]]] = {
    "crosshair": ("middle", (0, 0), 0),
    "menu": ("top left", (12, 12), 5),
    "notice": ("top", (0, 70), 6),
    "drill": ("top right", (12, 12), 4),
    "choice": ("right", (12, 60), 4),
    "messages": ("bottom left", (12, 12), 4),
    "hint": ("bottom", (0, 90), 4),
    "map": ("right", (12, 40), 3),
    "line": ("bottom right", (12, 12), 4),
    "help": ("middle", (0, 10), 8),
    "settings": ("middle", (0, 10), 8),
    "people": ("middle", (0, 10), 8),
    "history": ("middle", (0, 10), 8),
    "layers": ("right", (12, 10), 8),
    "sections": ("right", (12, 10), 8),
    "legend": ("left", (12, 0), 3),
}
# Panels that answer to the pointer, those in front first.
_FRONT_FIRST: Final = sorted(
    _PLACES.keys() - {"crosshair", "notice", "hint", "line"}, key=lambda name: -_PLACES[name][2]
)
# Panels that are opened and closed, and that free the mouse while they are open.
_DIALOGS: Final = ("help", "settings", "people", "history", "layers", "sections")
# What an empty line is an answer to as well, and what is written in a panel of its own.
_OWN_LINE: Final = frozenset({"kick"})


@dataclass(frozen=True, slots=True)
class HudEvent:
    """What a person did to a panel: "quit", "write", "settings" (with the new ones), "map" (with
    the pixel of the map image), "say" and "note" (with the text), "choose" (with the answer's
    name), "people", "history", "layers", "sections" and "legend" (with the part of the panel), and
    whatever else a line was written for (with the text)."""

    name: str
    text: str = ""
    settings: Settings | None = None
    pixel: tuple[float, float] | None = None


class Hud:
    """All panels of one window. Frame thread only."""

    def __init__(self, root: NodePath, settings: Settings, painter: PaintQueue) -> None:
        self.settings = settings
        self.translate: Translator = translator(settings.language)
        self.painter = painter
        self.editor: LineEditor | None = None
        self._purpose = "say"
        self.map_open = False
        self._open: set[str] = set()
        self._panels = {
            name: ScreenPanel(root, name, corner, margin, sort)
            for name, (corner, margin, sort) in _PLACES.items()
        }
        self._keys: dict[str, Hashable] = {}
        self._notice_until = -1.0
        self._standing: tuple[str, Tone] | None = None
        self._messages_until = -1.0
        self._messages: tuple[ChatMessage, ...] = ()
        self._unread = 0
        self._hovered: tuple[str, str] | None = None
        self._bare = False
        self._window = (1280, 720)

    # What is shown

    def bare(self, wanted: bool) -> None:
        """Hide what only helps a person at the keyboard (menu, crosshair), for pictures."""
        self._bare = wanted

    def notice(self, text: str, tone: Tone, now: float, seconds: float = NOTICE_S) -> None:
        """Say something for a while."""
        self._notice_until = now + seconds
        self._show("notice", (text, tone), lambda: paint_notice(Notice(text, tone)))

    def standing(self, text: str, tone: Tone = "warning") -> None:
        """Say something until it is taken back with an empty text; notices pass over it."""
        self._standing = (text, tone) if text else None
        if text:
            self._notice_until = -1.0

    def line(self, level: int, text: str) -> None:
        """How good our line is (`vr_app.ui.line_sign`), and a word on it."""
        if self._bare or not level:
            self._hide("line")
        else:
            self._show("line", (level, text), lambda: paint_line_sign(level, text))

    def messages(self, messages: Sequence[ChatMessage], now: float) -> None:
        """The room's text messages, oldest first."""
        latest = tuple(messages[-20:])
        if latest != self._messages:
            grown = max(len(latest) - len(self._messages), 1)
            self._unread += sum(not message.mine for message in latest[-grown:])
            self._messages = latest
            self._messages_until = now + MESSAGES_SHOWN_S

    def drill(self, view: DrillView | None) -> None:
        """The drill's prompt, or none."""
        if view is None:
            self._hide("drill")
            return
        translate = self.translate
        self._show("drill", (view, translate.language), lambda: paint_drill_panel(view, translate))

    def choice(self, ask: str, answers: tuple[tuple[str, str], ...]) -> None:
        """A question of the drill with its answers (name, text); no answers: none is asked."""
        if answers:
            self._show("choice", (ask, answers), lambda: paint_choice_panel(ask, answers))
        else:
            self._hide("choice")

    def people(self, view: PeopleView | None) -> None:
        """Who is in the room, while that panel is open."""
        if view is None:
            self._hide("people")
            return
        translate, hovered = self.translate, self._hovered_in("people")
        width = panel_width(self._window[0])
        self._show(
            "people",
            (view, translate.language, hovered, width),
            lambda: paint_people_panel(view, translate, hovered, width=width),
        )

    def history(self, view: HistoryView | None) -> None:
        """What was done to a note, while that panel is open."""
        if view is None:
            self._hide("history")
            return
        translate, hovered = self.translate, self._hovered_in("history")
        width = panel_width(self._window[0])
        self._show(
            "history",
            (view, translate.language, hovered, width),
            lambda: paint_history_panel(view, translate, hovered, width=width),
        )

    def card(self, name: str, key: Hashable, paint: Callable[[], Painted] | None) -> None:
        """A panel that its owner paints, anew whenever `key` is another; None: hidden."""
        if paint is None:
            self._hide(name)
        else:
            self._show(name, key, paint)

    def hint(self, key: str, text: str) -> None:
        """What the person could do now; empty text: nothing."""
        if not text:
            self._hide("hint")
        else:
            self._show("hint", (key, text), lambda: paint_hint(key, text))

    def plan_map(self, key: Hashable, paint: Callable[[], Painted] | None) -> None:
        """The plan map's picture, while it is open."""
        if paint is None or not self.map_open:
            self._hide("map")
        else:
            self._show("map", key, paint)

    def update(self, window: tuple[int, int], now: float, aiming: bool, captured: bool) -> None:
        """Once a frame: lay out, repaint what changed, take what was painted."""
        translate = self.translate
        self._window = window
        for panel in self._panels.values():
            panel.resize(window)
        if self._bare:
            self._hide("menu")
            self._hide("crosshair")
        else:
            self._update_menu(translate)
            if captured:
                self._show("crosshair", aiming, lambda: paint_crosshair(aiming))
            else:
                self._hide("crosshair")
        self._update_dialogs(translate)
        self._update_messages(translate, now)
        if now > self._notice_until:
            self._update_standing()
        self._arrange(window)

    def take(self, key: Hashable, image: PreparedImage) -> bool:
        """Take a finished image if it is one of ours."""
        if not (isinstance(key, tuple) and key[0] is self):
            return False
        self._panels[key[1]].take(image)
        return True

    def _update_menu(self, translate: Translator) -> None:
        active = frozenset(self._open | ({"map"} if self.map_open else set()))
        hovered = self._hovered_in("menu")
        room = self._window[0] - 24.0
        badges = {"messages": self._unread} if self._unread else {}
        self._show(
            "menu",
            (translate.language, hovered, active, self._unread, room),
            lambda: paint_menu_bar(
                translate, hovered=hovered, active=active, badges=badges, room=room
            ),
        )

    def _update_dialogs(self, translate: Translator) -> None:
        if "help" in self._open:
            self._show("help", translate.language, lambda: paint_help_panel(translate))
        else:
            self._hide("help")
        if "settings" in self._open:
            hovered = self._hovered_in("settings")
            settings = self.settings
            self._show(
                "settings",
                (settings, translate.language, hovered),
                lambda: paint_settings_panel(settings, translate, hovered),
            )
        else:
            self._hide("settings")

    def _update_messages(self, translate: Translator, now: float) -> None:
        editor = None if self._purpose in _OWN_LINE else self.editor
        if editor is None and (now > self._messages_until or not self._messages):
            self._hide("messages")
            return
        if editor is not None:
            self._unread = 0
        messages = self._messages
        self._show(
            "messages",
            (messages, editor, translate.language),
            lambda: paint_message_panel(messages, translate, editor),
        )

    def _update_standing(self) -> None:
        if self._standing is None:
            self._hide("notice")
            return
        text, tone = self._standing
        self._show("notice", (text, tone), lambda: paint_notice(Notice(text, tone)))

    @property
    def hovered(self) -> tuple[str, str] | None:
        """The panel and its part that the free pointer is over."""
        return self._hovered

    def hovered_in(self, panel: str) -> str | None:
        """The part of a panel that the free pointer is over."""
        return self._hovered_in(panel)

    def _hovered_in(self, panel: str) -> str | None:
        return self._hovered[1] if self._hovered and self._hovered[0] == panel else None

    def _arrange(self, window: tuple[int, int]) -> None:
        """Let panels that would cover each other give way."""
        width, height = window
        menu, drill = self._panels["menu"], self._panels["drill"]
        _, _, right, low = menu.rectangle if menu.visible else (0.0, 0.0, 0.0, 0.0)
        drill.move((_PLACES["drill"][1][0], drill_top(width, drill.size[0], right, low)))
        low = drill.rectangle[3] if drill.visible else 0.0
        notice = self._panels["notice"]
        notice.move((0, notice_top(width, notice.size[0], drill.size[0], low)))
        for name in ("map", "choice"):
            panel, (x, y) = self._panels[name], _PLACES[name][1]
            panel.move((x, middle_shift(height, panel.size[1], y, low)))

    def _show(self, name: str, key: Hashable, paint: Callable[[], Painted]) -> None:
        panel = self._panels[name]
        if self._keys.get(name) != key:
            self._keys[name] = key
            panel.expect()
            self.painter.ask((self, name), paint)
        panel.show(True)

    def _hide(self, name: str) -> None:
        self._panels[name].show(False)

    # What a person does

    @property
    def wants_pointer(self) -> bool:
        """Whether the mouse must be free: a dialog is open, or text is written."""
        return bool(self._open) or self.editor is not None

    def is_open(self, name: str) -> bool:
        """Whether a dialog is open."""
        return name in self._open

    def toggle(self, name: str) -> None:
        """Open or close a dialog or the map; dialogs are shown one at a time."""
        if name == "map":
            self.map_open = not self.map_open
            return
        opening = name not in self._open
        self._open.clear()
        if opening and name in _DIALOGS:
            self._open.add(name)

    def escape(self) -> bool:
        """Close what is in front; whether anything was."""
        if self.editor is not None:
            self.editor = None
        elif self._open:
            self._open.clear()
        elif self.map_open:
            self.map_open = False
        else:
            return False
        return True

    def start_writing(self, purpose: str = "say") -> None:
        """Begin a line of text; `purpose` is the name of the event that it ends in."""
        if self.editor is None or purpose != self._purpose:
            self.editor = LineEditor()
        self._purpose = purpose

    def writing_for(self, purpose: str) -> LineEditor | None:
        """The line that is being written for this purpose, if one is."""
        return self.editor if self._purpose == purpose else None

    def end_writing(self) -> str:
        """Take the line as it is; nothing is written any more."""
        text = self.editor.taken()[0] if self.editor is not None else ""
        self.editor = None
        return text

    def write(self, keys: Sequence[str], typed: str) -> HudEvent | None:
        """Keys and text for the line that is being written."""
        if self.editor is None:
            return None
        editor = self.editor.insert(typed)
        for key in keys:
            if key == "escape":
                self.editor = None
                return None
            if key == "enter":
                self.editor = editor
                text = self.end_writing()
                wanted = bool(text) or self._purpose in _OWN_LINE
                return HudEvent(self._purpose, text) if wanted else None
            editor = editor.key(key.removeprefix("arrow_"))
        self.editor = editor
        return None

    def hover(self, pixel: tuple[float, float] | None) -> None:
        """Where the free pointer is."""
        self._hovered = None if pixel is None else self._part(pixel)

    def click(self, pixel: tuple[float, float]) -> HudEvent | None:
        """A click with a free pointer; None if it hit no panel."""
        part = self._part(pixel)
        if part is None:
            return None
        panel, name = part
        if name == "close":
            self._open.discard(panel)
            self.map_open = self.map_open and panel != "map"
        elif panel == "menu":
            return self._menu_click(name)
        elif panel == "settings":
            self.apply(self.settings.clicked(name))
            return HudEvent("settings", settings=self.settings)
        elif panel == "messages":
            self.start_writing()
        elif panel in ("people", "history", "layers", "sections", "legend"):
            return HudEvent(panel, name)
        elif panel == "choice":
            return HudEvent("choose", name.removeprefix("choose:"))
        elif panel == "map":
            return HudEvent("map", name, pixel=self._panels["map"].inside(*pixel))
        return HudEvent("panel")

    def _menu_click(self, name: str) -> HudEvent:
        if name in ("help", "settings", "map", "people", "layers", "sections"):
            self.toggle(name)
        elif name == "messages":
            self.start_writing()
        elif name == "language":
            self.next_language()
            return HudEvent("settings", settings=self.settings)
        return HudEvent(name or "panel")

    def next_language(self) -> None:
        """Speak the next of the four languages."""
        index = LANGUAGES.index(self.settings.language)
        chosen = LANGUAGES[(index + 1) % len(LANGUAGES)]
        self.apply(self.settings.clicked(f"language:{chosen}"))

    def apply(self, settings: Settings) -> None:
        """Take new settings."""
        self.settings = settings
        self.translate = translator(settings.language)

    def _part(self, pixel: tuple[float, float]) -> tuple[str, str] | None:
        for name in _FRONT_FIRST:
            hit = self._panels[name].hit(*pixel)
            if hit is not None:
                return name, hit
        return None
