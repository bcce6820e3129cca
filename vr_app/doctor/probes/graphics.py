"""Opens a Panda3D buffer or window, draws a frame, reads it back, and prints what drew it.

`python -m vr_app.doctor.probes.graphics offscreen|window`. Never loads a model or a shader.
"""

from __future__ import annotations

import json
import sys

from panda3d.core import (
    FrameBufferProperties,
    GraphicsEngine,
    GraphicsPipe,
    GraphicsPipeSelection,
    LVecBase4f,
    Texture,
    WindowProperties,
    load_prc_file_data,
)

_SIZE = 64
_COLOUR = (1.0, 0.5, 0.25, 1.0)


def _probe(kind: str) -> dict[str, object]:
    module = "p3headlessgl" if kind == "offscreen" else "pandagl"
    settings = f"gl-version 3 3\nload-display {module}\nnotify-level fatal\n"
    load_prc_file_data("doctor", settings + "window-title Kenish\nundecorated 1\n")
    pipe = GraphicsPipeSelection.get_global_ptr().make_default_pipe()
    if pipe is None:
        return {
            "reason": "doctor-reason-no-display" if kind == "window" else "doctor-reason-no-library"
        }
    needed = (
        GraphicsPipe.BF_refuse_window if kind == "offscreen" else GraphicsPipe.BF_require_window
    )
    frame_buffer = FrameBufferProperties()
    frame_buffer.set_rgba_bits(8, 8, 8, 8)
    frame_buffer.set_depth_bits(24)
    engine = GraphicsEngine.get_global_ptr()
    size = WindowProperties.size(_SIZE, _SIZE)
    output = engine.make_output(pipe, "doctor", 0, frame_buffer, size, needed)
    if output is None:
        return {"reason": "doctor-reason-no-context"}
    output.set_clear_color(_COLOUR)
    picture = Texture()
    output.add_render_texture(picture, output.RTM_copy_ram)
    for _ in range(3):
        engine.render_frame()
    gsg = output.get_gsg()
    if gsg is None or not picture.has_ram_image():
        return {"reason": "doctor-reason-nothing-drawn"}
    colour = LVecBase4f()
    peeker = picture.peek()
    if peeker is not None:
        peeker.lookup(colour, 0.5, 0.5)
    if not colour.almost_equal(LVecBase4f(*_COLOUR), 0.02):
        return {"reason": "doctor-reason-wrong-colours"}
    facts = {
        "renderer": gsg.get_driver_renderer(),
        "version": gsg.get_driver_version(),
        "major": gsg.get_driver_version_major(),
        "minor": gsg.get_driver_version_minor(),
        "width": pipe.get_display_width(),
        "height": pipe.get_display_height(),
    }
    engine.remove_all_windows()
    return facts


if __name__ == "__main__":
    print(json.dumps(_probe(sys.argv[1])), flush=True)  # noqa: T201
