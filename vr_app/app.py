"""The application's composition root: one display, one twin, one room, wired here and nowhere else.

`Application.frame` is the whole frame, readable from top to bottom; no call in it waits.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from scenes.schema import Scene, SceneObject
from vr_app.controls import Wishes, read_wishes
from vr_app.display.base import Display
from vr_app.display.tracking import LEFT, RIGHT, RigPose, TrackedInput
from vr_app.drill_part import DrillPart
from vr_app.frame_rest import FrameRest
from vr_app.history_part import HistoryPart, aimed_note
from vr_app.hud import Hud
from vr_app.layers_part import LayersPart
from vr_app.locomotion.lobby import Lobby
from vr_app.overlay.images import PreparedImage
from vr_app.overlay.notes import Highlight, NoteLayer
from vr_app.overlay.paint_queue import PaintQueue
from vr_app.overlay.sensor_labels import SensorLabelLayer
from vr_app.people.beam import Beam
from vr_app.people.people_layer import PeopleLayer, PersonSeen
from vr_app.people_part import PeoplePart
from vr_app.plan_view import PlanView
from vr_app.requests import Requests
from vr_app.room_view import RoomView
from vr_app.sections_part import SectionsPart
from vr_app.session import MemberPose, Placed, RoomSession
from vr_app.sounds import Sounds
from vr_app.stream.source import TwinSource
from vr_app.tracked_part import TrackedPart, TrackedState
from vr_app.ui.plan_map import MapPerson, MapSensor
from vr_app.ui.settings_panel import Settings
from vr_app.world.hand_view import HandView
from vr_app.world.objects import ObjectLayer
from vr_app.world.twin_view import TwinView
from vr_app.world.walker import UP, Vector, Walker, gaze, head_orientation

LASER_REACH_M: Final = 200.0
FIRST_NOTICE_S: Final = 10.0
NO_FLOOR_NOTICE_S: Final = 30.0
MEETING_M: Final = 3.2
OWN_LASER: Final = (120, 255, 140, 255)  # the others see it in the member's own colour
FRAME_S: Final = 1 / 90
LEAST_REST_S: Final = 0.002  # for garbage, also where the display waits for its screen
FRAMES_KEPT: Final = 200_000  # an hour at 55 frames a second


@dataclass(slots=True)
class FrameTimes:
    """How long the latest frames took, in milliseconds, and how many there were in all."""

    frames: int = 0
    milliseconds: deque[float] = field(default_factory=lambda: deque(maxlen=FRAMES_KEPT))

    def add(self, milliseconds: float) -> None:
        """One more frame."""
        self.frames += 1
        self.milliseconds.append(milliseconds)

    def clear(self) -> None:
        """Count from here."""
        self.frames = 0
        self.milliseconds.clear()

    def summary(self) -> dict[str, float]:
        """{p50, p95, p99, max} of the latest frames; zeros before the first one."""
        if not self.milliseconds:
            return {"p50": 0.0, "p95": 0.0, "p99": 0.0, "max": 0.0}
        values = np.percentile(self.milliseconds, [50, 95, 99, 100])
        return {
            name: round(float(value), 2)
            for name, value in zip(("p50", "p95", "p99", "max"), values, strict=True)
        }


class Application:
    """A person in a room on one display."""

    def __init__(
        self,
        display: Display,
        source: TwinSource,
        scene: Scene,
        session: RoomSession,
        settings: Settings,
        name: str,
        settings_file: Path | None = None,
    ) -> None:
        self.display, self.scene, self.session = display, scene, session
        self.painter = PaintQueue()
        self.hud = Hud(display.screen_root, settings, self.painter)
        self.twin = TwinView(source, scene, display.scene_root)
        self.objects = ObjectLayer(scene.objects, self.twin.root)
        self.labels = SensorLabelLayer(
            display.scene_root, scene.sensors, self.hud.translate, self.painter, sees=self._sees
        )
        self.notes = NoteLayer(display.scene_root, self.painter)
        self.highlight = Highlight(display.scene_root)
        self.people = PeopleLayer(
            self.twin.root, display.scene_root, self.hud.translate, self.painter, self._floor_below
        )
        self.drill = DrillPart(scene, session, self.hud)
        self.room = RoomView(
            scene,
            session,
            self.hud,
            self.labels,
            self.notes,
            self.objects,
            self.drill,
            name,
            self.twin.show_layer,
        )
        self.crew = PeoplePart(session, self.hud, self.room.name_of, self.room.colour_of)
        self.past = HistoryPart(session, self.hud, self.room.name_of, self.room.colour_of)
        self.room.take_history = self.past.take
        self.layers = LayersPart(scene, session, self.hud, self.twin)
        self.cuts = SectionsPart(
            scene,
            session,
            self.hud,
            self.twin.sections,
            self.room.name_of,
            self.room.colour_of,
        )
        self.room.take_section = self.cuts.take
        self._own_beam = Beam(display.scene_root.attach_new_node("own laser"), OWN_LASER)
        self.plan = PlanView(scene, self.hud)
        self.walker = Walker(
            np.asarray(scene.spawn.position, np.float64),
            float(np.radians(scene.spawn.azimuth_deg)),
        )
        self.sounds = Sounds(display.name != "offscreen")
        self.requests = Requests(self, settings_file)
        self.times = FrameTimes()
        self.rest = FrameRest()
        self.closed = False
        self.laser = False
        self.hit: Vector | None = None
        self.target: SceneObject | None = None
        self.note: str | None = None  # that is looked at
        self.tracked = TrackedPart(self.walker, display.vibrate)
        self.hands = HandView(display.scene_root, OWN_LASER)
        self.lobby = Lobby()
        self._tracked: TrackedInput | None = None  # a head and hands, where there are any
        self._body: TrackedState | None = None  # what came of them
        self._floor_missed = False
        self._change_told = False
        self._started = time.monotonic()
        self._language = settings.language
        if scene.fictional:
            text = self.hud.translate("ui-notice-fictional")
            self.hud.notice(text, "info", self._started, FIRST_NOTICE_S)

    # One frame

    def frame(self, seconds: float, wishes: Wishes | None = None) -> None:
        """One frame, `seconds` after the last. `wishes` replace the person's (scripts)."""
        self.rest.begin()
        begun = time.perf_counter()
        now = time.monotonic()
        if wishes is None:
            wishes = self._read_person(seconds)
        if self._tracked is not None:
            if self._body is None:
                self.sounds.open()  # while the picture changes over, nobody sees a pause
            self._move_tracked(self._tracked, wishes, seconds)
        else:
            self._body = None
            self.tracked.leave()
            self.walker.step(wishes.intent, seconds, self.twin.ground)
        self._obey(wishes)
        self.sounds.step()
        for message_id, arguments in self.display.take_notices():
            text = self.hud.translate(message_id, dict(arguments))
            self.hud.notice(text, "info", now, NO_FLOOR_NOTICE_S)
        self._aim()
        self.session.send_pose(self._pose())
        self.room.update(now)
        self._update_people(seconds)
        self._update_picture(now, seconds)
        self.display.draw()
        self.rest.rest(max(FRAME_S - (time.perf_counter() - begun), LEAST_REST_S))
        self.times.add((time.perf_counter() - begun) * 1000.0)

    def _read_person(self, seconds: float) -> Wishes:
        display, hud = self.display, self.hud
        if hud.wants_pointer and display.pointer_captured:
            display.capture_pointer(False)
        frame = display.take_input()
        hud.hover(None if display.pointer_captured else frame.pointer)
        listing = hud.is_open("people")
        writing = hud.editor is not None
        wishes = read_wishes(frame, seconds, display.pointer_captured, writing, listing)
        if display.closed:
            self.closed = True
        self._tracked = frame.tracked
        return wishes

    def _move_tracked(self, tracked: TrackedInput, wishes: Wishes, seconds: float) -> None:
        """Head and hands move the person, and do what they point at."""
        on_panel = self.hud.hovered is not None
        on_something = on_panel or self.target is not None
        self._body = self.tracked.step(
            tracked, wishes.intent, seconds, self.twin.ground, self.hud.settings, on_something
        )
        self._teach(self._body, seconds)
        hands = self._body.wishes
        if hands.menu:
            self.requests.carry_out("settings")
        if self._body.landed:
            self.sounds.play("land")
        if hands.use and not on_panel:
            self.requests.carry_out("use")
            if self.target is not None:
                self.sounds.play("press")
        if hands.grab:
            self.requests.mark()

    def _teach(self, body: TrackedState, seconds: float) -> None:
        """A first visit's lessons, until they were done or skipped."""
        if self.hud.settings.lobby == "done":
            return
        lesson = self.lobby.step(body.wishes, body.landed, seconds)
        if lesson is not None:
            text = self.hud.translate(f"ui-lobby-{lesson}")
            self.hud.notice(text, "info", time.monotonic(), 1.0)
            return
        self.hud.apply(replace(self.hud.settings, lobby="done"))
        self.requests.settings_changed()
        self.hud.notice(self.hud.translate("ui-lobby-done"), "info", time.monotonic())

    def _obey(self, wishes: Wishes) -> None:
        for request in wishes.requests:
            self.requests.carry_out(request)
        if wishes.edit_keys or wishes.typed:
            self.requests.panel(self.hud.write(wishes.edit_keys, wishes.typed))
        if wishes.click is not None:
            event = self.hud.click(wishes.click)
            if event is not None:
                self.sounds.play("press")
            if event is None and not self.hud.wants_pointer and self._tracked is None:
                self.display.capture_pointer(True)
            self.requests.panel(event)
        if wishes.wheel and self.hud.is_open("people"):
            self.crew.move(-wishes.wheel)
        elif wishes.wheel and self.hud.is_open("layers"):
            self.layers.scroll(-wishes.wheel)
        elif wishes.wheel and self.hud.is_open("sections"):
            self.cuts.change("farther", wishes.wheel)
        elif wishes.wheel and self.hud.map_open:
            self.plan.zoom(wishes.wheel)
        self.laser = wishes.laser
        if self._body is not None and self._tracked is not None:
            pointer = self._tracked.hands.get(self._body.wishes.pointer or "")
            self.laser = self._body.ray is not None and pointer is not None and pointer.select

    def _aim(self) -> None:
        eye, ahead = self.walker.eye, self.walker.gaze
        if self._body is not None and self._body.ray is not None:
            eye, ahead = self._body.ray.origin, self._body.ray.direction
        hit = self.twin.point(eye, ahead, LASER_REACH_M)
        self.hit = None if hit is None else hit.point
        self.twin.point_out(hit.layer if hit is not None and self.laser else "")
        self.target = self.objects.aimed_at(eye, ahead)
        self.note = aimed_note(*self.notes.places(), eye, ahead)

    def _pose(self) -> MemberPose:
        pointer = _triple(self.hit) if self.laser and self.hit is not None else None
        if self._body is not None:
            hands = {name: _placed(one.grip or one.aim) for name, one in self._body.hands.items()}
            head = _placed(self._body.head)
            assert head is not None
            return MemberPose(head, hands.get(LEFT), hands.get(RIGHT), pointer)
        walker = self.walker
        orientation = head_orientation(walker.azimuth_rad, walker.pitch_rad)
        side = gaze(walker.azimuth_rad + np.pi / 2, 0.0)
        hand = walker.eye + 0.45 * walker.gaze + 0.25 * side - 0.3 * UP
        return MemberPose(
            Placed(_triple(walker.eye), _quad(orientation)),
            right=Placed(_triple(hand), _quad(orientation)),
            pointer=pointer,
        )

    def _update_people(self, seconds: float) -> None:
        facts = self.room.facts
        seen = [
            PersonSeen(
                m.id,
                m.name,
                m.role,
                m.language,
                m.number,
                m.pose,
                m.pose_age_s,
                m.quality,
                m.id == facts.lead,
                m.id in facts.muted,
            )
            for m in self.session.members()
        ]
        self.people.update(seen, self.walker.eye, seconds)
        if self._body is not None:
            self._own_beam.hide()
            self.hands.show(self._body, self.hit, self.laser)
            return
        self.hands.hide()
        pose = self._pose()
        if pose.pointer is not None and pose.right is not None:
            self._own_beam.show(pose.right.position, pose.pointer)
        else:
            self._own_beam.hide()

    def _sees(self, eye: Vector, point: Vector) -> bool:
        """Whether no rock stands between; sensors hang on walls, so the last decimetres count
        as seen."""
        ground = self.twin.ground
        if ground is None or self.twin.xray:
            return True
        way = point - eye
        distance = float(np.linalg.norm(way))
        return distance < 0.5 or ground.ray(eye, way, distance - 0.4) is None

    def _floor_below(self, head: tuple[float, float, float]) -> float | None:
        ground = self.twin.ground
        below = ground.floor(np.asarray(head), 0.0, 3.0) if ground is not None else None
        return None if below is None else float(below.point[2])

    def _update_picture(self, now: float, seconds: float) -> None:
        walker, display, hud = self.walker, self.display, self.hud
        eye = walker.eye
        room_time = self.session.room_time()
        if self._body is not None:
            display.set_rig(self.tracked.rig.origin, self.tracked.rig.azimuth_rad)
        else:
            display.set_eye(eye, walker.azimuth_rad, walker.pitch_rad)
        self.twin.show_time(self.session.scene_time())
        self.twin.show_sky(not display.surroundings)
        self.twin.update(display.views(), eye, walker.gaze, room_time, seconds)
        if hud.settings.language != self._language:
            self._language = hud.settings.language
            self.labels.set_language(hud.translate)
            self.people.set_language(hud.translate)
        self.labels.update(time.time(), eye, room_time)
        self._show_target(room_time)
        self.drill.update(room_time, eye)
        self.twin.smoke = self.drill.smoke
        if self.twin.changed and not self._change_told:
            self._change_told = True
            hud.notice(hud.translate("ui-notice-twin-changed"), "warning", now, NO_FLOOR_NOTICE_S)
        if self.twin.failed and not self._floor_missed:
            self._floor_missed = True
            withheld = self.scene.withheld_layers > 0
            text = hud.translate("view-floor-withheld" if withheld else "view-no-floor")
            hud.notice(text, "warning", now, NO_FLOOR_NOTICE_S)
        if self.twin.map_known:
            self.plan.gather(self.twin.surface)
        self.plan.update(
            now, walker.feet, walker.azimuth_rad, self._people_on_map, self._sensors_on_map
        )
        self.crew.update(display.size)
        self.past.update()
        self.layers.update(display.size)
        self.cuts.update()
        hud.update(display.size, now, self.target is not None, display.pointer_captured)
        self.painter.take(self._take_image)

    def _people_on_map(self) -> tuple[MapPerson, ...]:
        return tuple(
            MapPerson(m.name, self.room.colour_of(m.id), m.pose.head.position)
            for m in self.session.members()
            if m.pose is not None
        )

    def _sensors_on_map(self) -> tuple[MapSensor, ...]:
        states = self.labels.states(time.time())
        return tuple(MapSensor(s.position, states[s.id]) for s in self.scene.sensors)

    def _show_target(self, room_time: float) -> None:
        target = self.target
        action = None if target is None else self.objects.possible_action(target)
        if target is None or action is None:
            self.highlight.hide()
            if self.note:
                self.hud.hint("I", self.hud.translate("ui-history-hint"))
            else:
                self.hud.hint("", self._pointed_name())
            return
        self.highlight.show(target.position, room_time)
        wanted = next(one for one in target.actions if one.id == action)
        self.hud.hint("E", self.hud.translate.pick(wanted.title, target.id))

    def _pointed_name(self) -> str:
        """What the layer that the laser meets is called; empty while it meets none."""
        pointed = self.twin.pointed
        layer = next((one for one in self.scene.layers if one.id == pointed), None)
        if layer is None:
            return ""
        say = self.hud.translate
        return say("ui-layer-pointed", {"layer": say.pick(layer.title, layer.id)})

    def _take_image(self, key: Hashable, image: PreparedImage) -> None:
        if self.hud.take(key, image):
            return
        for layer in (self.labels, self.notes, self.people):
            if layer.owns(key):
                layer.take(key, image)
                return

    # Going places

    def go_to_viewpoint(self, viewpoint_id: str) -> None:
        """Look from a viewpoint of the scene; one that does not exist changes nothing."""
        for point in self.scene.viewpoints:
            if point.id == viewpoint_id:
                self.walker.mode = point.mode
                azimuth, pitch = np.radians([point.azimuth_deg, point.pitch_deg])
                self.look_from(np.asarray(point.position), float(azimuth), float(pitch))

    def meet(self, name: str) -> bool:
        """Stand face to face with a member; False while nobody of that name is seen."""
        for member in self.session.members():
            if member.name == name and member.pose is not None:
                w, x, y, z = member.pose.head.orientation
                azimuth = float(np.arctan2(2 * (x * y - w * z), 1 - 2 * (x * x + z * z)))
                eye = np.asarray(member.pose.head.position) + MEETING_M * gaze(azimuth, 0.0)
                self.look_from(eye, azimuth + np.pi, 0.0)
                return True
        return False

    def go_to(self, feet: Vector, azimuth_rad: float | None = None) -> None:
        """Stand somewhere else at once."""
        if self._body is not None:
            self.tracked.place(feet, azimuth_rad)
        else:
            self.walker.place(feet, azimuth_rad)
        self.twin.jump()

    def look_from(self, eye: Vector, azimuth_rad: float, pitch_rad: float) -> None:
        """Put the eye somewhere at once."""
        far = float(np.linalg.norm(eye - self.walker.eye)) > 20.0
        if self._body is not None:
            # A tracked person looks up and down by themselves.
            self.tracked.place(eye - (self.walker.eye - self.walker.feet), azimuth_rad)
            self.twin.jump()
            return
        self.walker.place(eye - (self.walker.eye - self.walker.feet), azimuth_rad, pitch_rad)
        if far:
            self.twin.jump()

    def close(self) -> None:
        """Give everything back; the session stays with its owner."""
        self.rest.end()
        self.twin.close()
        self.painter.close()
        self.sounds.close()
        self.display.close()


def _placed(pose: RigPose | None) -> Placed | None:
    return None if pose is None else Placed(_triple(pose.position), _quad(pose.orientation))


def _triple(vector: Vector) -> tuple[float, float, float]:
    return float(vector[0]), float(vector[1]), float(vector[2])


def _quad(vector: Vector) -> tuple[float, float, float, float]:
    return float(vector[0]), float(vector[1]), float(vector[2]), float(vector[3])
