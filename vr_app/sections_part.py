"""Section planes in one application: shows the room's, places, moves and takes away one's own.

Who may is the server's to judge; here it is only not offered to those who may not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from scenes.schema import Scene
from vr_app.hud import Hud
from vr_app.session import Record, RoomSession
from vr_app.ui.numbers import number_text
from vr_app.ui.sections_panel import SectionRow, SectionsView, paint_sections_panel
from vr_app.ui.theme import Colour
from vr_app.world.sections import MOST, Section, SectionView
from vr_app.world.walker import UP, Vector

STEP_M: Final = 1.0
AHEAD_M: Final = 6.0
ABOVE_M: Final = 1.5  # a level is cut above its floor
NEAR_WAY_M: Final = 15.0
SLABS_M: Final = (None, 20.0, 5.0)
MAKE: Final = ("level", "across", "along")
CHANGE: Final = ("nearer", "farther", "flip", "slab", "delete")


def level_section(eye: Vector, hit: Vector | None) -> Section:
    """Everything above the aimed place's level (or the eye's) is cut away."""
    height = (eye[2] - ABOVE_M if hit is None else hit[2]) + ABOVE_M
    return Section((float(eye[0]), float(eye[1]), float(height)), (0.0, 0.0, 1.0))


def across_section(eye: Vector, gaze: Vector, hit: Vector | None) -> Section:
    """Upright, across the gaze, through the aimed place: what is nearer is cut away."""
    ahead = _level(gaze)
    point = eye + AHEAD_M * ahead if hit is None else hit
    x, y, z = (float(value) for value in point)
    return Section((x, y, z), (float(-ahead[0]), float(-ahead[1]), 0.0))


def along_section(eye: Vector, gaze: Vector, scene: Scene) -> Section:
    """Upright, along the drift that one is in (or the gaze): what is on the right is cut away."""
    along = _level(gaze)
    way = _way_near(eye, scene)
    if way is not None:
        along = way if float(way @ along) >= 0 else -way
    right = np.cross(along, UP)
    x, y, z = (float(value) for value in eye)
    return Section((x, y, z), (float(right[0]), float(right[1]), 0.0))


def _level(direction: Vector) -> Vector:
    flat = np.array([direction[0], direction[1], 0.0])
    length = float(np.linalg.norm(flat))
    return flat / length if length > 1e-6 else np.array([0.0, 1.0, 0.0])


def _way_near(eye: Vector, scene: Scene) -> Vector | None:
    """The level direction of the nearest way within reach, if the scene knows one."""
    best, best_m = None, NEAR_WAY_M
    for network in scene.networks:
        places = {node.id: np.asarray(node.position, np.float64) for node in network.nodes}
        for edge in network.edges:
            if edge.kind not in ("drift", "decline"):
                continue
            start, way = places[edge.start], places[edge.end] - places[edge.start]
            length2 = float(way @ way)
            if length2 < 1e-6 or math.hypot(way[0], way[1]) < 1e-3:
                continue
            share = float(np.clip((eye - start) @ way / length2, 0.0, 1.0))
            away = float(np.linalg.norm(start + share * way - eye))
            if away < best_m:
                best, best_m = _level(way), away
    return best


class SectionsPart:
    """The room's sections for one member. Frame thread only."""

    def __init__(
        self,
        scene: Scene,
        session: RoomSession,
        hud: Hud,
        view: SectionView,
        name_of: Callable[[str], str],
        colour_of: Callable[[str], Colour],
    ) -> None:
        self._scene, self._session, self._hud, self._view = scene, session, hud, view
        self._name_of, self._colour_of = name_of, colour_of
        self._records: dict[str, Record] = {}
        self._chosen: str | None = None
        self._acts: tuple[str, ...] = ()

    def take(self, record: Record, gone: bool) -> None:
        """A section of the room's was made, changed or taken away."""
        if gone:
            self._records.pop(record.id, None)
        else:
            new = record.id not in self._records
            self._records[record.id] = record
            if new and record.author == self._session.me:
                self._chosen = record.id
        self._view.show([_section(one.payload) for one in self._shown()])

    def _shown(self) -> list[Record]:
        """The latest that the picture has room for, oldest first."""
        made = sorted(self._records.values(), key=lambda one: (one.waiting, one.time, one.id))
        return made[-MOST:]

    def update(self) -> None:
        """Once a frame: the panel, while it is open."""
        hud = self._hud
        if not hud.is_open("sections"):
            hud.card("sections", None, None)
            return
        shown = self._shown()
        if self._chosen not in [one.id for one in shown]:
            self._chosen = shown[-1].id if shown else None
        self._acts = self._possible()
        rows = tuple(
            SectionRow(
                one.id, self._text(one), self._name_of(one.author), self._colour_of(one.author)
            )
            for one in shown
        )
        view, say, hovered = (
            SectionsView(rows, self._chosen, self._acts), hud.translate, hud.hovered_in("sections")
        )  # fmt: skip
        key = (view, say.language, hovered)
        hud.card("sections", key, lambda: paint_sections_panel(view, say, hovered))

    def _possible(self) -> tuple[str, ...]:
        """What may be done: place more while there is room, change what is one's own."""
        session = self._session
        if "present" not in session.permissions:
            return ()
        acts = MAKE if len(self._records) < MOST else ()
        chosen = None if self._chosen is None else self._records.get(self._chosen)
        if chosen is None:
            return acts
        owner = chosen.owner or chosen.author
        mine = owner == session.me or "moderate" in session.permissions
        return acts + CHANGE if mine else acts

    def _text(self, record: Record) -> str:
        say = self._hud.translate
        section = _section(record.payload)
        normal = np.asarray(section.normal) / max(float(np.linalg.norm(section.normal)), 1e-9)
        if abs(normal[2]) > 0.99:
            height = section.point[2] + self._scene.frame.origin[2]
            text = say("ui-section-at-level", {"height": number_text(height, 1, say.language)})
        else:
            azimuth = math.degrees(math.atan2(-normal[1], normal[0])) % 180.0
            text = say("ui-section-upright", {"azimuth": number_text(azimuth, 0, say.language)})
        if section.thickness_m is not None:
            thick = number_text(section.thickness_m, 0, say.language)
            text += say("ui-section-slab-of", {"thickness": thick})
        return text

    def click(self, part: str) -> str | None:
        """A click on a part of the panel; the act that it asks for, if it does."""
        kind, _, name = part.partition(":")
        if kind == "section":
            self._chosen = name
        elif kind == "act":
            return self.act_numbered(int(name))
        return None

    def act_numbered(self, number: int) -> str | None:
        """The name of the act on the button with this number."""
        return self._acts[number - 1] if 1 <= number <= len(self._acts) else None

    def make(self, act: str, eye: Vector, gaze: Vector, hit: Vector | None) -> None:
        """Place a section for everybody ("level", "across" or "along")."""
        if len(self._records) >= MOST:
            return
        if act == "level":
            section = level_section(eye, hit)
        elif act == "across":
            section = across_section(eye, gaze, hit)
        else:
            section = along_section(eye, gaze, self._scene)
        self._session.command("section", _payload(section))

    def change(self, act: str, steps: float = 1.0) -> None:
        """Change the chosen section: one of CHANGE, moves by `steps` metres."""
        record = None if self._chosen is None else self._records.get(self._chosen)
        if record is None or act not in self._possible():
            return
        if act == "delete":
            self._session.command("section", {}, "delete", record.id)
            return
        old = _section(record.payload)
        point, normal = np.asarray(old.point), np.asarray(old.normal)
        if act == "slab":
            thickness = SLABS_M[(SLABS_M.index(old.thickness_m) + 1) % len(SLABS_M)] if (
                old.thickness_m in SLABS_M) else None  # fmt: skip
            new = Section(old.point, old.normal, thickness)
        elif act == "flip":
            new = Section(old.point, _triple(-normal), old.thickness_m)
        else:
            unit = normal / max(float(np.linalg.norm(normal)), 1e-9)
            by = STEP_M * steps * (1.0 if act == "nearer" else -1.0)
            new = Section(_triple(point + by * unit), old.normal, old.thickness_m)
        self._session.command("section", _payload(new), "update", record.id)


def _triple(vector: Vector) -> tuple[float, float, float]:
    x, y, z = (round(float(value), 4) for value in vector)
    return x, y, z


def _section(payload: Any) -> Section:
    thickness = payload.get("thickness_m")
    point, normal = (_triple(np.asarray(payload[key], np.float64)) for key in ("point", "normal"))
    return Section(point, normal, None if thickness is None else float(thickness))


def _payload(section: Section) -> dict[str, Any]:
    found: dict[str, Any] = {"point": list(section.point), "normal": list(section.normal)}
    if section.thickness_m is not None:
        found["thickness_m"] = section.thickness_m
    return found
