"""Hands through OpenXR's action system: made once per session, read once per frame.

It suggests `bindings.PROFILES` and obeys what the runtime made of them; it never waits, and a
profile that a runtime refuses costs nothing but itself.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from vr_app.display.headset import bindings, choices, poses
from vr_app.display.headset.bindings import ACTIONS, HAND_PATHS, Kind
from vr_app.display.headset.choices import Features
from vr_app.display.tracking import LEFT, RIGHT, HandInput, RigPose

JOINTS: Final = 26
_POSITION_AND_TURN_VALID: Final = 3  # XrSpaceLocationFlags: ORIENTATION_VALID, POSITION_VALID
_NAME_BYTES: Final = 127


class Actions:
    """The action set of one session. xr: the module `xr`; text: a message id into the person's
    language (the names that the runtime's settings show). Raises pyopenxr's exceptions.

    refused: the profiles that the runtime would not take.
    """

    def __init__(
        self,
        xr: Any,
        instance: Any,
        session: Any,
        features: Features,
        text: Callable[[str], str],
    ) -> None:
        self._xr, self._instance, self._session = xr, instance, session
        self._hands = {hand: xr.string_to_path(instance, path) for hand, path in HAND_PATHS.items()}
        self._set = xr.create_action_set(
            instance,
            xr.ActionSetCreateInfo(
                action_set_name=bindings.ACTION_SET,
                localized_action_set_name=_shortened(text(bindings.ACTION_SET_MESSAGE)),
                priority=0,
            ),
        )
        self._spaces: dict[tuple[str, str], Any] = {}
        self._trackers: dict[str, Any] = {}
        self._profiles: dict[str, str] = {}
        self.refused: list[str] = []
        try:
            self._build(features, text)
        except xr.XrException:
            self.close()
            raise

    def _build(self, features: Features, text: Callable[[str], str]) -> None:
        xr = self._xr
        self._actions = {
            action.name: xr.create_action(
                self._set,
                xr.ActionCreateInfo(
                    action_name=action.name,
                    action_type=xr.ActionType(int(action.kind)),
                    subaction_paths=list(self._hands.values()),
                    localized_action_name=_shortened(text(action.message_id)),
                ),
            )
            for action in ACTIONS
        }
        for profile in bindings.usable_profiles(features.enable):
            self._suggest(profile)
        xr.attach_session_action_sets(
            self._session, xr.SessionActionSetsAttachInfo(action_sets=[self._set])
        )
        for action in ACTIONS:
            if action.kind is Kind.POSE:
                for hand, path in self._hands.items():
                    self._spaces[action.name, hand] = xr.create_action_space(
                        self._session,
                        xr.ActionSpaceCreateInfo(
                            action=self._actions[action.name], subaction_path=path
                        ),
                    )
        if features.has(choices.HAND_TRACKING):
            self._make_trackers()
        self.profiles_changed()

    def _suggest(self, profile: bindings.Profile) -> None:
        xr = self._xr
        try:
            xr.suggest_interaction_profile_bindings(
                self._instance,
                xr.InteractionProfileSuggestedBinding(
                    interaction_profile=xr.string_to_path(self._instance, profile.path),
                    suggested_bindings=[
                        xr.ActionSuggestedBinding(
                            self._actions[name], xr.string_to_path(self._instance, path)
                        )
                        for name, path in profile.suggestions()
                    ],
                ),
            )
        except xr.PathUnsupportedError:
            self.refused.append(profile.path)

    def _make_trackers(self) -> None:
        xr = self._xr
        try:
            for hand, which in ((LEFT, xr.HandEXT.LEFT), (RIGHT, xr.HandEXT.RIGHT)):
                self._trackers[hand] = xr.create_hand_tracker_ext(
                    self._session, xr.HandTrackerCreateInfoEXT(hand=which)
                )
        except (xr.FeatureUnsupportedError, xr.RuntimeFailureError):
            self._destroy_trackers()  # the runtime knows hands, this headset does not

    def profiles_changed(self) -> None:
        """XrEventDataInteractionProfileChanged: another controller was taken up."""
        xr = self._xr
        for hand, path in self._hands.items():
            used = xr.get_current_interaction_profile(self._session, path).interaction_profile
            self._profiles[hand] = xr.path_to_string(self._instance, used) if used else ""

    @property
    def profiles(self) -> dict[str, str]:
        """The interaction profile of each hand, "" where there is none."""
        return dict(self._profiles)

    # -- each frame -----------------------------------------------------------------------------

    def sync(self) -> bool:
        """Take over what hands did; False while another program has them."""
        xr = self._xr
        try:
            xr.sync_actions(
                self._session,
                xr.ActionsSyncInfo(active_action_sets=[xr.ActiveActionSet(self._set, 0)]),
            )
        except xr.SessionNotFocused:
            return False
        return True

    def hands(self, origin: Any, time: int) -> dict[str, HandInput]:
        """Both hands at an OpenXR time, in the rig whose floor is the space `origin`; without those
        that are neither tracked nor held. Call after `sync`."""
        found = {}
        for hand in self._hands:
            read = HandInput(
                aim=self._located("aim", hand, origin, time),
                grip=self._located("grip", hand, origin, time),
                select=self._held("select", hand),
                grab=self._held("grab", hand),
                teleport=self._held("teleport", hand),
                menu=self._held("menu", hand),
                stick=self._stick(hand),
                joints=self._joints(hand, origin, time),
            )
            if bindings.is_pad(self._profiles.get(hand, "")):
                read.stick, read.teleport = bindings.pad_input(read.stick, read.teleport)
            if self._profiles.get(hand) or read.aim or read.grip or read.joints is not None:
                found[hand] = read
        return found

    def vibrate(self, hand: str, seconds: float, strength: float) -> None:
        """A pulse in a hand, strength 0..1; nothing where there is no motor or no focus."""
        xr = self._xr
        xr.apply_haptic_feedback(
            self._session,
            xr.HapticActionInfo(self._actions["haptic"], self._hands[hand]),
            xr.HapticVibration(
                duration=int(max(0.0, seconds) * 1e9) or xr.MIN_HAPTIC_DURATION,
                frequency=xr.FREQUENCY_UNSPECIFIED,
                amplitude=min(1.0, max(0.0, strength)),
            ),
        )

    def close(self) -> None:
        """Give everything back; what died with the runtime is given up."""
        self._destroy_trackers()
        for space in self._spaces.values():
            self._quietly(self._xr.destroy_space, space)
        self._spaces.clear()
        if self._set is not None:
            self._quietly(self._xr.destroy_action_set, self._set)  # its actions go with it
            self._set = None

    # -------------------------------------------------------------------------------------------

    def _located(self, name: str, hand: str, origin: Any, time: int) -> RigPose | None:
        location = self._xr.locate_space(self._spaces[name, hand], origin, time)
        if int(location.location_flags) & _POSITION_AND_TURN_VALID != _POSITION_AND_TURN_VALID:
            return None
        turn, place = location.pose.orientation, location.pose.position
        return poses.rig_pose((turn.x, turn.y, turn.z, turn.w), (place.x, place.y, place.z))

    def _state_of(self, name: str, hand: str) -> Any:
        return self._xr.ActionStateGetInfo(self._actions[name], self._hands[hand])

    def _held(self, name: str, hand: str) -> bool:
        state = self._xr.get_action_state_boolean(self._session, self._state_of(name, hand))
        return bool(state.is_active and state.current_state)

    def _stick(self, hand: str) -> tuple[float, float]:
        state = self._xr.get_action_state_vector2f(self._session, self._state_of("stick", hand))
        if not state.is_active:
            return (0.0, 0.0)
        return (float(state.current_state.x), float(state.current_state.y))

    def _joints(self, hand: str, origin: Any, time: int) -> Any:
        tracker = self._trackers.get(hand)
        if tracker is None:
            return None
        xr = self._xr
        # pyopenxr's own wrapper gives the runtime no room for the joints.
        locate = ctypes.cast(
            xr.get_instance_proc_addr(self._instance, "xrLocateHandJointsEXT"),
            xr.PFN_xrLocateHandJointsEXT,
        )
        room = (xr.HandJointLocationEXT * JOINTS)()
        locations = xr.HandJointLocationsEXT(joint_locations=room)
        asked = xr.HandJointsLocateInfoEXT(base_space=origin, time=time)
        result = xr.check_result(xr.Result(locate(tracker, asked, ctypes.byref(locations))))
        if result.is_exception():
            raise result
        valid = all(
            int(joint.location_flags) & _POSITION_AND_TURN_VALID == _POSITION_AND_TURN_VALID
            for joint in room
        )
        if not (locations.is_active and valid):
            return None
        places = [joint.pose.position for joint in room]
        return np.array([poses.rig_position((place.x, place.y, place.z)) for place in places])

    def _destroy_trackers(self) -> None:
        for tracker in self._trackers.values():
            self._quietly(self._xr.destroy_hand_tracker_ext, tracker)
        self._trackers.clear()

    def _quietly(self, destroy: Callable[[Any], None], handle: Any) -> None:
        try:
            destroy(handle)
        except self._xr.XrException:
            return


def _shortened(name: str) -> str:
    """As many characters as OpenXR has room for."""
    return name.encode()[:_NAME_BYTES].decode(errors="ignore")
