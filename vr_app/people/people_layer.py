"""Everybody else in the room: a figure, a name plate and a laser for each member.

Takes members as the session sees them, every frame; it neither interpolates nor sends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from panda3d.core import NodePath

from assets.text import Translator
from sync_server.wire.poses import MemberPose
from vr_app.overlay.images import PreparedImage
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.overlay.world_label import LabelSize, WorldLabel, make_label_root
from vr_app.people.avatar import Avatar, Parts
from vr_app.people.beam import Beam
from vr_app.people.posture import Body, beam_of, yaw_of
from vr_app.ui.canvas import Canvas, Painted
from vr_app.ui.name_plate import NamePlate, paint_name_plate
from vr_app.ui.theme import Colour, member_colour

AWAY_AFTER_S: Final = 3.0
PLATE_ABOVE_M: Final = 0.26
DOT_SIZE: Final = 20
PLATE: Final = LabelSize(near_m=1.2, far_m=14.0, pixel_rad=0.42 / 623, pull_m=0.8, over_m=6.0)
DOT: Final = LabelSize(near_m=0.4, far_m=120.0, pixel_rad=0.5 / 623, pull_m=0.25, over_m=0.01)
Floor = Callable[[tuple[float, float, float]], float | None]


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """A member as seen this frame. `number` is the member's number in the room and gives the
    colour; `age_s`: how old the newest pose is."""

    id: str
    name: str
    role: str
    language: str
    number: int
    pose: MemberPose | None
    age_s: float = 0.0
    quality: int = 0  # of its line, as in `MemberView`
    leads: bool = False
    muted: bool = False


@dataclass(slots=True)
class _Person:
    avatar: Avatar
    body: Body
    plate: WorldLabel
    beam: Beam
    dot: WorldLabel
    painted: NamePlate | None = None


def _paint_dot(colour: Colour, scale: float) -> Painted:
    canvas = Canvas(DOT_SIZE, DOT_SIZE, scale)
    canvas.disc(10, 10, 9, (*colour[:3], 110))
    canvas.disc(10, 10, 5, colour)
    canvas.disc(10, 10, 2.4, (255, 255, 255, 255))
    return canvas.painted()


class PeopleLayer:
    """Members under two roots: `world_root` is lit by the world's shader, `label_root` is the
    scene. Frame thread only. `floor(position)` gives the floor's height below a head, or None."""

    def __init__(
        self,
        world_root: NodePath,
        label_root: NodePath,
        translate: Translator,
        painter: PaintQueue,
        floor: Floor | None = None,
        scale: float = 2.0,
    ) -> None:
        self._world = world_root.attach_new_node("people")
        self._world.set_shader_input("cut_count", 0)  # sections cut the mine, not those in it
        self.labels = make_label_root(label_root, "name plates")
        self._beams = label_root.attach_new_node("beams")
        self._translate, self._painter, self._scale = translate, painter, scale
        self.floor = floor
        self._parts = Parts()
        self._people: dict[str, _Person] = {}

    def __len__(self) -> int:
        return len(self._people)

    def set_language(self, translate: Translator) -> None:
        """Write name plates in another language from now on."""
        self._translate = translate
        for person in self._people.values():
            person.painted = None

    def update(
        self, members: Iterable[PersonSeen], eye: npt.NDArray[np.float64], seconds: float
    ) -> None:
        """Once a frame: who is here and where, the eye (3,), and the time since the last call.
        Members not named have left; those without a pose are not drawn."""
        present: set[str] = set()
        for member in members:
            if member.pose is None:
                continue
            present.add(member.id)
            person = self._people.get(member.id)
            if person is None:
                person = self._people[member.id] = self._enter(member)
            self._move(person, member, eye, seconds)
        for gone in self._people.keys() - present:
            self._leave(gone)

    def _enter(self, member: PersonSeen) -> _Person:
        colour = member_colour(member.number)
        plate = WorldLabel(self.labels, f"plate {member.id}", (0, 0, 0), PLATE, stem=6, dot=False)
        plate.set_colour(colour)
        size = DOT_SIZE * self._scale
        dot = WorldLabel(self.labels, f"dot {member.id}", (0, 0, 0), DOT, stem=-size / 2, dot=False)
        scale = self._scale
        self._painter.ask((self, member.id, "dot"), lambda: _paint_dot(colour, scale))
        avatar = Avatar(self._world, self._parts, colour, member.id)
        return _Person(avatar, Body(), plate, Beam(self._beams, colour), dot)

    def _move(
        self, person: _Person, member: PersonSeen, eye: npt.NDArray[np.float64], seconds: float
    ) -> None:
        pose = member.pose
        assert pose is not None
        head = pose.head.position
        if person.avatar.is_far(math.dist(head, (eye[0], eye[1], eye[2]))):
            person.avatar.stand(head, yaw_of(pose.head.orientation))
        else:
            floor_z = self.floor(head) if self.floor is not None else None
            person.avatar.show(person.body.pose(pose, seconds, floor_z))
        person.plate.move((head[0], head[1], head[2] + PLATE_ABOVE_M))
        beam = beam_of(pose)
        if beam is None:
            person.beam.hide()
        else:
            person.beam.show(beam.start, beam.end)
            person.dot.move(beam.end)
        person.dot.show(beam is not None)
        away = member.age_s > AWAY_AFTER_S
        plate = NamePlate(
            member.name,
            member.role,
            member.language,
            member_colour(member.number),
            away,
            member.quality,
            member.leads,
            member.muted,
        )
        if plate != person.painted:
            person.painted = plate
            translate, scale = self._translate, self._scale
            self._painter.ask(
                (self, member.id, "plate"),
                lambda: paint_name_plate(plate, translate, scale),
            )

    def _leave(self, member_id: str) -> None:
        person = self._people.pop(member_id)
        for part in ("plate", "dot"):
            self._painter.forget((self, member_id, part))
        person.avatar.remove()
        person.plate.remove()
        person.dot.remove()
        person.beam.node.remove_node()

    def owns(self, key: object) -> bool:
        """Whether a finished image is one of ours."""
        return isinstance(key, tuple) and key[0] is self

    def take(self, key: object, image: PreparedImage) -> None:
        """Show a finished name plate or dot; one of a member who has left is dropped."""
        assert isinstance(key, tuple)
        person = self._people.get(key[1])
        if person is not None:
            (person.plate if key[2] == "plate" else person.dot).take(image)

    def remove(self) -> None:
        """Take everybody out of the world."""
        for member_id in list(self._people):
            self._leave(member_id)
        for node in (self._world, self.labels, self._beams):
            node.remove_node()
