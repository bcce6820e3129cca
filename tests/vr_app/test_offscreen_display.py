"""A display without a window keeps nothing of the frames that it has drawn."""

from __future__ import annotations

from panda3d.core import GeomNode, RenderState, TransformState

from vr_app.display.base import open_display


def test_states_of_frames_that_are_over_are_given_back() -> None:
    display = open_display("offscreen", (64, 36))
    try:
        node = display.scene_root.attach_new_node(GeomNode("blending"))
        display.draw()
        states, transforms = RenderState.get_num_states(), TransformState.get_num_states()
        for frame in range(400):
            node.set_shader_input("fade", frame / 400)
            node.set_x(frame)
            display.draw()
        assert RenderState.get_num_states() <= states + 20
        assert TransformState.get_num_states() <= transforms + 20
    finally:
        display.close()
