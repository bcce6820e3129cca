"""One OpenXR session: its swapchains, its origin, its frames.

It makes the calls in their order and raises pyopenxr's exceptions; what they mean for the program
is `Lifecycle`'s and the display's affair.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vr_app.display.headset import choices
from vr_app.display.headset.choices import Blend, ColourFormat
from vr_app.display.headset.graphics import graphics_binding
from vr_app.display.headset.poses import EyeView, Fov, rig_pose
from vr_app.display.headset.runtime import Found, destroy_quietly
from vr_app.display.headset.swapchains import Swapchain, make_swapchain

NEAR_M, FAR_M = 0.05, 12_000.0
_MOST_RATES: Final = 64
_EVENTS_AT_ONCE: Final = 64  # of a queue; the rest waits for the next frame


class NoPicture(Exception):
    """The runtime lists no swapchain format that we can fill."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A frame that the runtime asked for: when it is shown (OpenXR's nanoseconds), how long one
    lasts, and whether its picture is wanted."""

    shown_at: int
    period_ns: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class Located:
    """The eyes at a time, in the rig. tracked: False where the runtime knows no direction (its
    views are then not to be believed); raw: the runtime's own poses and fields of view."""

    eyes: tuple[EyeView, ...]
    tracked: bool
    raw: Sequence[Any]


@dataclass(slots=True)
class Layers:
    """What a frame shows. depth: per eye, or empty; panel: (swapchain, pose, (width, height) m)."""

    colour: list[Swapchain]
    depth: list[Swapchain]
    panel: tuple[Swapchain, Any, tuple[float, float]] | None = None


class Session:
    """A session of a headset that was found. Frame thread, the window's context current."""

    def __init__(self, found: Found, height_m: float, surroundings: bool = False) -> None:
        xr, instance = found.xr, found.instance
        self.found, self.xr = found, xr
        self.handle: Any = None
        self.origin: Any = None
        self.swapchains: list[Swapchain] = []
        self.blend: Blend
        self.show_surroundings(surroundings)
        xr.get_opengl_graphics_requirements_khr(instance, found.system)  # first, or no session
        binding = graphics_binding(xr)
        self._binding = binding
        self.handle = xr.create_session(
            instance,
            xr.SessionCreateInfo(
                system_id=found.system,
                next=ctypes.cast(ctypes.pointer(binding), ctypes.c_void_p),
            ),
        )
        try:
            self._prepare(height_m)
        except Exception:
            self.close()
            raise

    def _prepare(self, height_m: float) -> None:
        xr, session = self.xr, self.handle
        kinds = [int(getattr(k, "value", k)) for k in xr.enumerate_reference_spaces(session)]
        chosen = choices.choose_origin(kinds, height_m)
        pose = xr.Posef(xr.Quaternionf(0, 0, 0, 1), xr.Vector3f(0, -chosen.down_m, 0))
        self.origin = xr.create_reference_space(
            session,
            xr.ReferenceSpaceCreateInfo(
                reference_space_type=xr.ReferenceSpaceType(int(chosen.kind)),
                pose_in_reference_space=pose,
            ),
        )
        self.formats = [int(number) for number in xr.enumerate_swapchain_formats(session)]
        # Whether the surroundings show can change at any moment, the format cannot.
        seen_through = choices.BlendMode.ALPHA_BLEND in self.found.blend_modes
        colour = choices.choose_colour(self.formats, need_alpha=seen_through)
        if colour is None:
            raise NoPicture(", ".join(hex(number) for number in self.formats))
        self.colour: ColourFormat = colour
        sizes = [choices.choose_size(e[:2], e[2:]) for e in self.found.eyes]
        self.eye_chains = [self.add_swapchain(size, colour.number) for size in sizes]
        self.depth_chains: list[Swapchain] = []

    def add_swapchain(self, size: tuple[int, int], number: int, depth: bool = False) -> Swapchain:
        """One more, given back with the session."""
        chain = make_swapchain(self.xr, self.handle, size, number, depth=depth)
        self.swapchains.append(chain)
        return chain

    def drop_swapchain(self, chain: Swapchain) -> None:
        """Give one back early."""
        self.swapchains.remove(chain)
        chain.close()

    def use_depth(self, drawn: int) -> None:
        """Submit depth too, if the runtime takes the OpenGL format that ours is drawn in."""
        if not self.found.features.has(choices.DEPTH) or self.depth_chains:
            return
        number = choices.choose_depth(self.formats, drawn)
        if number is not None:
            self.depth_chains = [
                self.add_swapchain((c.width, c.height), number, depth=True) for c in self.eye_chains
            ]

    def show_surroundings(self, wanted: bool) -> None:
        """Whether the room around shows from the next frame on; `blend` says what came of it."""
        self.blend = choices.choose_blend(self.found.blend_modes, surroundings_wanted=wanted)

    def ask_rate(self, wanted: float | choices.Rate) -> float | None:
        """Ask for a refresh rate; the one asked for (Hz), None where it is left alone. A runtime
        that will not is left alone too."""
        if not self.found.features.has(choices.REFRESH_RATE):
            return None
        xr = self.xr
        try:
            rate = choices.choose_rate(self._rates(), wanted)
            if rate is not None:
                self._call("xrRequestDisplayRefreshRateFB", self.handle, ctypes.c_float(rate))
        except (xr.FeatureUnsupportedError, xr.FunctionUnsupportedError):
            return None
        except xr.XrException as error:
            if "DisplayRefreshRateUnsupported" in type(error).__name__:
                return None
            raise
        return rate

    def _rates(self) -> list[float]:
        # pyopenxr's own wrappers look for the instance on the session, which has none.
        call, count = "xrEnumerateDisplayRefreshRatesFB", ctypes.c_uint32(0)
        self._call(call, self.handle, 0, ctypes.byref(count), None)
        if not 0 < count.value <= _MOST_RATES:
            return []
        room = (ctypes.c_float * count.value)()
        self._call(call, self.handle, count.value, ctypes.byref(count), room)
        return [float(rate) for rate in room[: count.value]]

    def _call(self, name: str, *arguments: Any) -> None:
        """An extension's function. Raises pyopenxr's exceptions."""
        xr = self.xr
        form = getattr(xr, f"PFN_{name}")
        call = ctypes.cast(xr.get_instance_proc_addr(self.found.instance, name), form)
        result = xr.check_result(xr.Result(call(*arguments)))
        if result.is_exception():
            raise result

    def begin(self) -> None:
        """xrBeginSession."""
        xr = self.xr
        xr.begin_session(
            self.handle,
            xr.SessionBeginInfo(
                primary_view_configuration_type=xr.ViewConfigurationType.PRIMARY_STEREO
            ),
        )

    def end(self) -> None:
        """xrEndSession."""
        self.xr.end_session(self.handle)

    # Frames

    def wait_frame(self) -> Timing:
        """xrWaitFrame and xrBeginFrame."""
        xr = self.xr
        state = xr.wait_frame(self.handle, xr.FrameWaitInfo())
        # A success: the frame before was never ended, this one is begun.
        with contextlib.suppress(xr.FrameDiscarded):
            xr.begin_frame(self.handle, xr.FrameBeginInfo())
        return Timing(
            int(state.predicted_display_time),
            int(state.predicted_display_period),
            bool(state.should_render),
        )

    def locate(self, time_ns: int) -> Located:
        """Where the eyes will be at a time."""
        xr = self.xr
        state, views = xr.locate_views(
            self.handle,
            xr.ViewLocateInfo(
                view_configuration_type=xr.ViewConfigurationType.PRIMARY_STEREO,
                display_time=time_ns,
                space=self.origin,
            ),
        )
        flags = int(state.view_state_flags)
        known = int(xr.ViewStateFlags.ORIENTATION_VALID_BIT)
        eyes = []
        for view in views:
            turn, place, fov = view.pose.orientation, view.pose.position, view.fov
            eyes.append(
                EyeView(
                    rig_pose((turn.x, turn.y, turn.z, turn.w), (place.x, place.y, place.z)),
                    Fov(fov.angle_left, fov.angle_right, fov.angle_up, fov.angle_down),
                )
            )
        return Located(tuple(eyes), bool(flags & known), views)

    def end_frame(self, timing: Timing, located: Located | None, layers: Layers | None) -> None:
        """xrEndFrame; without layers nothing new is shown."""
        xr = self.xr
        pointers: list[Any] = []
        kept: list[Any] = []  # ctypes holds no references of its own
        if located is not None and layers is not None:
            flags = xr.CompositionLayerFlags
            views = []
            for number, (view, chain) in enumerate(zip(located.raw, layers.colour, strict=True)):
                made = xr.CompositionLayerProjectionView(
                    pose=view.pose, fov=view.fov, sub_image=chain.sub_image()
                )
                if layers.depth:
                    depth = xr.CompositionLayerDepthInfoKHR(
                        sub_image=layers.depth[number].sub_image(),
                        min_depth=0.0,
                        max_depth=1.0,
                        near_z=NEAR_M,
                        far_z=FAR_M,
                    )
                    kept.append(depth)
                    made.next = ctypes.cast(ctypes.pointer(depth), ctypes.c_void_p)
                views.append(made)
            # Our alpha is premultiplied: UNPREMULTIPLIED_ALPHA_BIT stays off.
            seen_through = (
                flags.BLEND_TEXTURE_SOURCE_ALPHA_BIT if self.blend.surroundings else flags.NONE
            )
            picture = xr.CompositionLayerProjection(
                layer_flags=seen_through, space=self.origin, views=views
            )
            kept += [views, picture]
            pointers.append(ctypes.byref(picture))
            if layers.panel is not None:
                chain, pose, (width, height) = layers.panel
                panel = xr.CompositionLayerQuad(
                    layer_flags=flags.BLEND_TEXTURE_SOURCE_ALPHA_BIT,
                    space=self.origin,
                    sub_image=chain.sub_image(),
                    pose=pose,
                    size=xr.Extent2Df(width, height),
                )
                kept.append(panel)
                pointers.append(ctypes.byref(panel))
        xr.end_frame(
            self.handle,
            xr.FrameEndInfo(
                display_time=timing.shown_at,
                environment_blend_mode=xr.EnvironmentBlendMode(int(self.blend.mode)),
                layers=pointers,
            ),
        )

    # What a runtime says

    def events(self) -> Iterator[tuple[str, int]]:
        """(kind, number) of what happened: "state" with the session's new state, "origin" with the
        time of the change, "lost" (the instance), "profile", "mask" with the eye."""
        yield from poll_events(self.xr, self.found.instance)

    def hidden_mesh(self, eye: int) -> npt.NDArray[np.float64] | None:
        """(n, 2) corners of triangles that the lenses hide, as slopes (x right, y up) of what an
        eye sees; None where the runtime tells none."""
        if not self.found.features.has(choices.VISIBILITY_MASK):
            return None
        xr = self.xr
        # pyopenxr's own wrapper asks for the counts only.
        call = ctypes.cast(
            xr.get_instance_proc_addr(self.found.instance, "xrGetVisibilityMaskKHR"),
            xr.PFN_xrGetVisibilityMaskKHR,
        )
        mask = xr.VisibilityMaskKHR()
        stereo = xr.ViewConfigurationType.PRIMARY_STEREO.value
        hidden = xr.VisibilityMaskTypeKHR.HIDDEN_TRIANGLE_MESH.value
        if int(call(self.handle, stereo, eye, hidden, ctypes.byref(mask))) < 0:
            return None
        corners, indices = int(mask.vertex_count_output), int(mask.index_count_output)
        if not 0 < corners <= 65_536 or not 0 < indices <= 65_536:
            return None
        places = (xr.Vector2f * corners)()
        order = (ctypes.c_uint32 * indices)()
        mask.vertices = ctypes.cast(places, ctypes.POINTER(xr.Vector2f))
        mask.indices = ctypes.cast(order, ctypes.POINTER(ctypes.c_uint32))
        mask.vertex_capacity_input, mask.index_capacity_input = corners, indices
        if int(call(self.handle, stereo, eye, hidden, ctypes.byref(mask))) < 0:
            return None
        points = np.frombuffer(places, np.float32).reshape(-1, 2).astype(np.float64)
        chosen = np.array(order[:], np.uint32)
        if chosen.size % 3 or int(chosen.max()) >= corners or not np.isfinite(points).all():
            return None
        return np.asarray(points[chosen])

    def close(self) -> None:
        """Give everything back; also after the runtime is gone."""
        xr = self.xr
        for chain in self.swapchains:
            chain.close()
        self.swapchains.clear()
        origin, self.origin = self.origin, None
        destroy_quietly(xr, xr.destroy_space, origin)
        handle, self.handle = self.handle, None
        destroy_quietly(xr, xr.destroy_session, handle)


def poll_events(xr: Any, instance: Any) -> Iterator[tuple[str, int]]:
    """See `Session.events`. Raises pyopenxr's exceptions."""
    kinds = xr.StructureType
    for _ in range(_EVENTS_AT_ONCE):
        try:
            event = xr.poll_event(instance)
        except xr.EventUnavailable:
            return
        kind = int(getattr(event.type, "value", event.type))

        def read(form: Any, event: Any = event) -> Any:
            return ctypes.cast(ctypes.byref(event), ctypes.POINTER(form)).contents

        if kind == kinds.EVENT_DATA_SESSION_STATE_CHANGED.value:
            state = read(xr.EventDataSessionStateChanged).state
            yield "state", int(getattr(state, "value", state))
        elif kind == kinds.EVENT_DATA_REFERENCE_SPACE_CHANGE_PENDING.value:
            yield "origin", int(read(xr.EventDataReferenceSpaceChangePending).change_time)
        elif kind == kinds.EVENT_DATA_INSTANCE_LOSS_PENDING.value:
            yield "lost", 0
        elif kind == kinds.EVENT_DATA_INTERACTION_PROFILE_CHANGED.value:
            yield "profile", 0
        elif kind == kinds.EVENT_DATA_VISIBILITY_MASK_CHANGED_KHR.value:
            yield "mask", int(read(xr.EventDataVisibilityMaskChangedKHR).view_index)
