"""What a session draws with: both eyes, the panels' picture, the mirror, and the copies of them.

Made with a session and given back with it; its copies happen in a draw callback of the window,
after our own pictures are finished. It decides nothing about the session's life.
"""

from __future__ import annotations

from typing import Any, Final

from panda3d.core import BitMask32, CardMaker, NodePath, PythonCallbackObject

from vr_app.display.headset.blit import Blitter
from vr_app.display.headset.eyes import Eyes, make_buffer, panda_matrix
from vr_app.display.headset.mirror import Mirror
from vr_app.display.headset.poses import pose_matrix
from vr_app.display.headset.session import FAR_M, NEAR_M, Layers, Session
from vr_app.display.headset.swapchains import Swapchain
from vr_app.display.tracking import RigPose
from vr_app.overlay.images import blend_premultiplied
from vr_app.world.lighting import load_shader

_FIRST_IN_WINDOW: Final = -100
# What only the eyes see, and not the window's own camera.
_EYES_ONLY: Final = BitMask32.bit(6)
_WINDOW_ONLY: Final = BitMask32.bit(5)


class Drawing:
    """Frame thread only. `size`: of the panels' picture, in pixels."""

    def __init__(
        self,
        base: Any,
        scene: NodePath,
        screen_camera: NodePath,
        session: Session,
        size: tuple[int, int],
        window: tuple[int, int],
    ) -> None:
        self._base, self._session = base, session
        self._screen_camera = screen_camera
        chains = session.eye_chains
        eye = (max(c.width for c in chains), max(c.height for c in chains))
        self.eyes = Eyes(base, scene, eye, (NEAR_M, FAR_M), depth=True)
        for number in (0, 1):
            self.eyes.hide(number, session.hidden_mesh(number))
        self.mirror = Mirror(base.win, self.eyes.colour, eye)
        self._blitter: Blitter | None = None
        # (buffer, texture, swapchain): without the last where the compositor takes no second layer
        self._panel: tuple[Any, Any, Swapchain | None] | None = None
        self._card: NodePath | None = None  # the panels in the scene, where they can be no layer
        self.eyes.camera.node().set_camera_mask(_EYES_ONLY)
        self._window_mask = base.camNode.get_camera_mask()
        base.camNode.set_camera_mask(_WINDOW_ONLY)
        self._panel_size = (0, 0)
        self._copies = False
        self._depth_asked = False
        self.layers: Layers | None = None
        self.trouble: Exception | None = None
        self._region = base.win.make_display_region()
        self._region.set_sort(_FIRST_IN_WINDOW)
        self._region.set_draw_callback(PythonCallbackObject(self._drawn))
        self._region.set_active(False)
        self.fit(size, window)

    def fit(self, size: tuple[int, int], window: tuple[int, int]) -> None:
        """Follow the sizes of the panels' picture and of the window."""
        self.mirror.fit(window)
        if size == self._panel_size:
            return
        self._drop_panel()
        self._panel_size = size
        buffer, texture, _ = make_buffer(
            self._base, "panels", size, samples=0, depth=False, sort=-10
        )
        region = buffer.make_display_region()
        region.set_camera(self._screen_camera)
        buffer.set_active(False)
        if self._session.found.layers > 1:
            chain = self._session.add_swapchain(size, self._session.colour.number)
            self._panel = (buffer, texture, chain)
            return
        self._panel = (buffer, texture, None)
        maker = CardMaker("panels")
        maker.set_frame(-0.5, 0.5, -0.5, 0.5)
        card = self.eyes.rig.attach_new_node(maker.generate())
        card.set_shader(load_shader("panel"), 20)
        card.set_shader_inputs(image=texture, strength=1.0)
        blend_premultiplied(card)
        card.set_depth_test(False)
        card.set_bin("fixed", 90)
        card.hide(_WINDOW_ONLY)
        self._card = card

    def place_panel(self, pose: RigPose, metres: tuple[float, float]) -> None:
        """Where the panels stand in the rig, for a compositor that shows one layer only."""
        if self._card is not None:
            self._card.set_mat(panda_matrix(pose_matrix(pose)))
            self._card.set_scale(metres[0], 1.0, metres[1])

    @property
    def panel_chain(self) -> Swapchain | None:
        """Where the panels' picture is, for a layer."""
        return None if self._panel is None else self._panel[2]

    def show(self, wanted: bool, mirror: bool = True) -> None:
        """Whether frames draw for the headset, and whether the window shows an eye of them."""
        self.eyes.show(wanted)
        self.mirror.show(wanted and mirror)
        self._region.set_active(wanted)
        if self._panel is not None:
            self._panel[0].set_active(wanted)

    def draw(self) -> Layers | None:
        """Draw one frame and copy it. Raises what the runtime raised."""
        self._copies, self.layers, self.trouble = True, None, None
        try:
            self._base.graphics_engine.render_frame()
        finally:
            self._copies = False
        if self.trouble is not None:
            raise self.trouble
        return self.layers

    def _drawn(self, data: Any) -> None:
        """Panda3D's callback: an exception must not pass through its C++."""
        if not self._copies:
            return
        self._copies = False
        try:
            self._copy()
        except Exception as error:
            self.trouble = error

    def _copy(self) -> None:
        gsg = self._base.win.get_gsg()
        prepared = gsg.get_prepared_objects()
        if self._blitter is None:
            self._blitter = Blitter()
        blit, session = self._blitter, self._session
        name = self.eyes.colour.prepare_now(0, prepared, gsg).get_native_id()
        if not self._depth_asked and self.eyes.depth is not None:
            self._depth_asked = True
            depth_name = self.eyes.depth.prepare_now(0, prepared, gsg).get_native_id()
            session.use_depth(blit.format_of(depth_name))
        for number, chain in enumerate(session.eye_chains):
            target = chain.acquire()
            size = (chain.width, chain.height)
            blit.copy(name, self.eyes.part(number), target, size, session.colour)
            chain.release()
        depths = self.eyes.depth
        for number, chain in enumerate(session.depth_chains if depths is not None else []):
            assert depths is not None
            depth_name = depths.prepare_now(0, prepared, gsg).get_native_id()
            target = chain.acquire()
            size = (chain.width, chain.height)
            blit.copy_depth(depth_name, self.eyes.part(number), target, size)
            chain.release()
        panel_chain = self.panel_chain
        if self._panel is not None and panel_chain is not None:
            texture, chain = self._panel[1], panel_chain
            name = texture.prepare_now(0, prepared, gsg).get_native_id()
            target = chain.acquire()
            size = (chain.width, chain.height)
            blit.copy(name, (0, 0, *size), target, size, session.colour)
            chain.release()
        blit.settle()
        self.layers = Layers(session.eye_chains, session.depth_chains)

    def _drop_panel(self) -> None:
        if self._panel is None:
            return
        buffer, texture, chain = self._panel
        self._panel = None
        self._base.graphics_engine.remove_window(buffer)
        texture.release_all()
        if self._card is not None:
            self._card.remove_node()
            self._card = None
        if chain is not None and chain in self._session.swapchains:
            self._session.drop_swapchain(chain)

    def close(self) -> None:
        """Give everything back, before the session is."""
        self._drop_panel()
        self._base.camNode.set_camera_mask(self._window_mask)
        self._region.clear_draw_callback()
        self._base.win.remove_display_region(self._region)
        self.mirror.close()
        self.eyes.close()
        if self._blitter is not None:
            self._blitter.close()
