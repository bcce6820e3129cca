"""A scripted runtime with sessions: for what no runtime on this machine does.

Pictures are real textures of the window's own context, so that what was copied into them can be
read back; everything else is numbers that a test sets.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import xr

from tests.vr_app.display.headset.fake_runtime import FakeXr

ALL = (
    "XR_KHR_opengl_enable",
    "XR_KHR_composition_layer_depth",
    "XR_KHR_visibility_mask",
    "XR_FB_display_refresh_rate",
    "XR_EXT_local_floor",
)
EYE = (96, 64)


@dataclass(slots=True)
class Chain:
    """A swapchain: its format and the textures of its pictures."""

    number: int
    size: tuple[int, int]
    textures: list[int]
    at: int = 0
    last: int = 0
    acquired: bool = False


@dataclass(slots=True)
class Ended:
    """What a frame was ended with."""

    blend: int
    flags: list[int] = field(default_factory=list)  # of each layer
    kinds: list[int] = field(default_factory=list)  # XrStructureType of each layer
    depths: int = 0  # views that had depth


class FakeSessions(FakeXr):
    """extensions, formats, blends, spaces, rates, layers: what it offers. `say(state)` queues a
    session state; `ended` is what frames were ended with, the last one last."""

    def __init__(self) -> None:
        super().__init__()
        self.extensions: tuple[str, ...] = ALL
        self.formats: tuple[int, ...] = (0x8C43, 0x8CAC)
        self.blends: tuple[int, ...] = (1,)
        self.spaces: tuple[int, ...] = (2, 3)
        self.rates: tuple[float, ...] = (72.0, 90.0)
        self.layers = 16
        self.made_for: Any = None
        self.space_made: Any = None
        self.asked_rates: list[float] = []
        self.ended: list[Ended] = []
        self.chains: dict[int, Chain] = {}
        self.headset = True
        self._events: list[Any] = []
        self._shown_at = 1_000_000
        self._enumerate = xr.PFN_xrEnumerateDisplayRefreshRatesFB(self._enumerate_rates)
        self._request = xr.PFN_xrRequestDisplayRefreshRateFB(self._request_rate)
        self._mask = xr.PFN_xrGetVisibilityMaskKHR(lambda *_: -8)

    # -- what a test says -----------------------------------------------------------------------

    def say(self, state: xr.SessionState) -> None:
        """The session has another state."""
        self._events.append(xr.EventDataSessionStateChanged(state=state))

    def lose_instance(self) -> None:
        """The runtime is about to go."""
        self._events.append(xr.EventDataInstanceLossPending())

    def move_origin(self) -> None:
        """The wearer asked the runtime for a new origin."""
        self._events.append(xr.EventDataReferenceSpaceChangePending(change_time=self._shown_at))

    def picture(self, number: int) -> np.ndarray[Any, Any]:
        """(height, width, 4) uint8 of the last picture released into a swapchain, first row at the
        bottom; of linear formats the stored values."""
        from OpenGL import GL

        chain = list(self.chains.values())[number]
        GL.glBindTexture(GL.GL_TEXTURE_2D, chain.textures[chain.last])
        data = GL.glGetTexImage(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE)
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)
        return np.frombuffer(bytes(data), np.uint8).reshape(chain.size[1], chain.size[0], 4)

    # -- instance and system --------------------------------------------------------------------

    def enumerate_instance_extension_properties(self) -> list[Any]:
        return [SimpleNamespace(extension_name=name.encode()) for name in self.extensions]

    def create_instance(self, info: Any) -> Any:
        self.made_for = info
        return self._handle(xr.Instance, "instance")

    def destroy_instance(self, _instance: Any) -> None:
        self._gone(xr.Instance)

    def get_system(self, _instance: Any, _info: Any) -> int:
        if not self.headset:
            raise xr.FormFactorUnavailableError
        return 7

    def get_system_properties(self, _instance: Any, _system: Any) -> Any:
        graphics = SimpleNamespace(max_layer_count=self.layers)
        return SimpleNamespace(system_name=b"Scripted", graphics_properties=graphics)

    def get_instance_properties(self, _instance: Any) -> Any:
        return SimpleNamespace(runtime_name=b"Fake")

    def enumerate_view_configuration_views(self, *_: Any) -> list[Any]:
        one = SimpleNamespace(
            recommended_image_rect_width=EYE[0],
            recommended_image_rect_height=EYE[1],
            max_image_rect_width=2048,
            max_image_rect_height=2048,
        )
        return [one, one]

    def enumerate_environment_blend_modes(self, *_: Any) -> list[int]:
        return list(self.blends)

    # -- session --------------------------------------------------------------------------------

    def get_opengl_graphics_requirements_khr(self, *_: Any) -> None:
        self._fail()

    def create_session(self, _instance: Any, _info: Any) -> Any:
        return self._handle(xr.Session, "session")

    def destroy_session(self, _session: Any) -> None:
        self.attached = False
        self._gone(xr.Session)

    def enumerate_reference_spaces(self, _session: Any) -> list[int]:
        return list(self.spaces)

    def create_reference_space(self, _session: Any, info: Any) -> Any:
        self.space_made = info
        return self._handle(xr.Space, "origin")

    def enumerate_swapchain_formats(self, _session: Any) -> list[int]:
        return list(self.formats)

    def create_swapchain(self, _session: Any, info: Any) -> Any:
        from OpenGL import GL

        assert info.format in self.formats
        names = [int(GL.glGenTextures(1)) for _ in range(3)]
        depth = info.format in (0x8CAC, 0x81A6, 0x88F0, 0x8CAD, 0x81A5)
        form = GL.GL_DEPTH_COMPONENT if depth else GL.GL_RGBA
        kind = GL.GL_FLOAT if depth else GL.GL_UNSIGNED_BYTE
        for name in names:
            GL.glBindTexture(GL.GL_TEXTURE_2D, name)
            size = (info.width, info.height)
            GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, info.format, *size, 0, form, kind, None)
            GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_MIN_FILTER, GL.GL_NEAREST)
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)
        handle = self._handle(xr.Swapchain, "swapchain")
        self.chains[_address(handle)] = Chain(info.format, size, names)
        return handle

    def destroy_swapchain(self, handle: Any) -> None:
        self.chains.pop(_address(handle))
        self._gone(xr.Swapchain)

    def enumerate_swapchain_images(self, handle: Any, _kind: Any) -> list[Any]:
        names = self.chains[_address(handle)].textures
        return [SimpleNamespace(image=name) for name in names]

    def acquire_swapchain_image(self, handle: Any, _info: Any) -> int:
        self._fail()
        chain = self.chains[_address(handle)]
        assert not chain.acquired
        chain.acquired = True
        chain.last, chain.at = chain.at, (chain.at + 1) % len(chain.textures)
        return chain.last

    def wait_swapchain_image(self, *_: Any) -> None:
        self._fail()

    def release_swapchain_image(self, handle: Any, _info: Any) -> None:
        chain = self.chains[_address(handle)]
        assert chain.acquired
        chain.acquired = False

    def begin_session(self, *_: Any) -> None:
        self._fail()

    def end_session(self, *_: Any) -> None:
        self._fail()

    def wait_frame(self, *_: Any) -> Any:
        self._fail()
        self._shown_at += 11_111_111
        return xr.FrameState(self._shown_at, 11_111_111, 1)

    def begin_frame(self, *_: Any) -> None:
        self._fail()

    def locate_views(self, _session: Any, _info: Any) -> tuple[Any, list[Any]]:
        self._fail()
        views = []
        for side in (-1, 1):
            place = xr.Vector3f(side * 0.032, 1.6, 0.0)
            pose = xr.Posef(xr.Quaternionf(0, 0, 0, 1), place)
            views.append(xr.View(pose=pose, fov=xr.Fovf(-0.8, 0.8, 0.7, -0.7)))
        return xr.ViewState(xr.ViewStateFlags(15)), views

    def end_frame(self, _session: Any, info: Any) -> None:
        self._fail()
        ended = Ended(int(info.environment_blend_mode.value))
        for number in range(info.layer_count):
            layer = info._layers[number].contents
            ended.kinds.append(int(getattr(layer.type, "value", layer.type)))
            ended.flags.append(int(layer._layer_flags))
            if ended.kinds[-1] == xr.StructureType.COMPOSITION_LAYER_PROJECTION.value:
                form = ctypes.POINTER(xr.CompositionLayerProjection)
                whole = ctypes.cast(info._layers[number], form).contents
                ended.depths = sum(bool(whole._views[n].next) for n in range(whole.view_count))
        self.ended.append(ended)

    def poll_event(self, _instance: Any) -> Any:
        self._fail()
        if not self._events:
            raise xr.EventUnavailable
        return self._events.pop(0)

    # -- extensions -----------------------------------------------------------------------------

    def get_instance_proc_addr(self, instance: Any, name: str) -> Any:
        own = {
            "xrEnumerateDisplayRefreshRatesFB": self._enumerate,
            "xrRequestDisplayRefreshRateFB": self._request,
            "xrGetVisibilityMaskKHR": self._mask,
        }
        return own.get(name) or super().get_instance_proc_addr(instance, name)

    def _enumerate_rates(self, _session: Any, room: int, count: Any, rates: Any) -> int:
        count[0] = len(self.rates)
        for number in range(min(room, len(self.rates))):
            rates[number] = self.rates[number]
        return 0

    def _request_rate(self, _session: Any, rate: float) -> int:
        self.asked_rates.append(float(rate))
        return 0


def _address(handle: Any) -> int:
    address = ctypes.cast(handle, ctypes.c_void_p).value
    assert address is not None
    return address
