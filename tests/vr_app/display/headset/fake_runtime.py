"""A scripted stand-in for pyopenxr's module `xr`: real structures and errors, a runtime of numbers.

A test sets what the runtime offers and says; it never touches a loader, a driver or a device.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from types import SimpleNamespace
from typing import Any

import xr


class FakeXr:
    """Takes the place of `xr`. Whatever is not scripted here is pyopenxr's own structure.

    lawful: which full paths each profile has (all, where a profile is not named); held: values by
    (action name, hand path); places: ((x, y, z, w), (x, y, z)) by (action name, hand path); joints:
    26 positions by hand number (1 left, 2 right); profile: the one in use by hand path; focused,
    error: what calls answer; alive: handles that exist, by kind.
    """

    def __init__(self) -> None:
        self.lawful: dict[str, set[str]] = {}
        self.held: dict[tuple[str, str], Any] = {}
        self.places: dict[tuple[str, str], Any] = {}
        self.joints: dict[int, list[tuple[float, float, float]]] = {}
        self.profile: dict[str, str] = {}
        self.focused = True
        self.hands_supported = True
        self.error: Exception | None = None
        self.alive: Counter[str] = Counter()
        self.suggested: dict[str, list[tuple[str, str]]] = {}
        self.names: list[str] = []
        self.pulses: list[tuple[str, int, float]] = []
        self.attached = False
        self._paths: list[str] = []
        self._said: dict[int, Any] = {}
        self._next = 0x1000
        self._locate = xr.PFN_xrLocateHandJointsEXT(self._locate_joints)

    def __getattr__(self, name: str) -> Any:
        return getattr(xr, name)

    # -- handles and paths ----------------------------------------------------------------------

    def _handle(self, kind: Any, what: Any) -> Any:
        self._fail()
        self._next += 0x10
        self._said[self._next] = what
        self.alive[kind.__name__] += 1
        return ctypes.cast(ctypes.c_void_p(self._next), kind)

    def _what(self, handle: Any) -> Any:
        address = ctypes.cast(handle, ctypes.c_void_p).value
        assert address is not None
        return self._said[address]

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error

    def _gone(self, kind: Any) -> None:
        self.alive[kind.__name__] -= 1
        assert self.alive[kind.__name__] >= 0
        self._fail()

    def string_to_path(self, _instance: Any, text: str) -> int:
        if text not in self._paths:
            self._paths.append(text)
        return self._paths.index(text) + 1

    def path_to_string(self, _instance: Any, path: Any) -> str:
        return self._paths[int(getattr(path, "value", path)) - 1]

    # -- actions --------------------------------------------------------------------------------

    def create_action_set(self, _instance: Any, info: Any) -> Any:
        self.names.append(_text(info.localized_action_set_name))
        return self._handle(xr.ActionSet, _text(info.action_set_name))

    def create_action(self, _set: Any, info: Any) -> Any:
        assert info.count_subaction_paths == 2
        self.names.append(_text(info.localized_action_name))
        return self._handle(xr.Action, _text(info.action_name))

    def destroy_action_set(self, _handle: Any) -> None:
        self.alive["Action"] = 0
        self._gone(xr.ActionSet)

    def suggest_interaction_profile_bindings(self, _instance: Any, info: Any) -> None:
        assert not self.attached
        profile = self.path_to_string(None, info.interaction_profile)
        rows = [
            (self._what(row.action), self.path_to_string(None, row.binding))
            for row in info.suggested_bindings[: info.count_suggested_bindings]
        ]
        lawful = self.lawful.get(profile)
        if lawful is not None and not {path for _, path in rows} <= lawful:
            raise xr.PathUnsupportedError
        self.suggested[profile] = rows

    def attach_session_action_sets(self, _session: Any, info: Any) -> None:
        assert info.count_action_sets == 1 and not self.attached
        self.attached = True

    def create_action_space(self, _session: Any, info: Any) -> Any:
        hand = self.path_to_string(None, info.subaction_path)
        return self._handle(xr.Space, (self._what(info.action), hand))

    def destroy_space(self, _handle: Any) -> None:
        self._gone(xr.Space)

    def get_current_interaction_profile(self, _session: Any, hand: Any) -> Any:
        used = self.profile.get(self.path_to_string(None, hand))
        return xr.InteractionProfileState(self.string_to_path(None, used) if used else 0)

    def sync_actions(self, _session: Any, info: Any) -> None:
        self._fail()
        assert self.attached and info.count_active_action_sets == 1
        if not self.focused:
            raise xr.SessionNotFocused

    def _key(self, info: Any) -> tuple[str, str]:
        return self._what(info.action), self.path_to_string(None, info.subaction_path)

    def get_action_state_boolean(self, _session: Any, info: Any) -> Any:
        value = self.held.get(self._key(info))
        return xr.ActionStateBoolean(bool(value), is_active=value is not None)

    def get_action_state_vector2f(self, _session: Any, info: Any) -> Any:
        value = self.held.get(self._key(info))
        return xr.ActionStateVector2f(
            xr.Vector2f(*(value or (0.0, 0.0))), is_active=value is not None
        )

    def locate_space(self, space: Any, _origin: Any, _time: int) -> Any:
        self._fail()
        place = self.places.get(self._what(space))
        if place is None:
            return xr.SpaceLocation()
        turn, at = place
        return xr.SpaceLocation(
            xr.SpaceLocationFlags.ALL, xr.Posef(xr.Quaternionf(*turn), xr.Vector3f(*at))
        )

    def apply_haptic_feedback(self, _session: Any, info: Any, pulse: Any) -> None:
        hand = self._key(info)[1]
        self.pulses.append((hand, int(pulse.duration), float(pulse.amplitude)))

    # -- hand joints ----------------------------------------------------------------------------

    def create_hand_tracker_ext(self, _session: Any, info: Any) -> Any:
        if not self.hands_supported:
            raise xr.FeatureUnsupportedError
        return self._handle(xr.HandTrackerEXT, int(info.hand.value))

    def destroy_hand_tracker_ext(self, _handle: Any) -> None:
        self._gone(xr.HandTrackerEXT)

    def get_instance_proc_addr(self, _instance: Any, name: str) -> Any:
        return SimpleNamespace(xrLocateHandJointsEXT=self._locate).__dict__[name]

    def _locate_joints(self, tracker: Any, _info: Any, locations: Any) -> int:
        out = locations.contents
        if out.joint_count != 26:
            return int(xr.Result.ERROR_VALIDATION_FAILURE.value)
        places = self.joints.get(self._what(tracker))
        out.is_active = places is not None
        for joint, place in zip(out._joint_locations[:26], places or [], strict=False):
            joint._location_flags = 3
            joint.pose.position.x, joint.pose.position.y, joint.pose.position.z = place
        return 0


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
