"""Lists the connected screens: name, size in pixels, place on the desktop, refresh rate.

Never opens a window.
"""

from __future__ import annotations

import json
import warnings


def _probe() -> dict[str, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import glfw

        if not glfw.init():
            return {"reason": "doctor-reason-no-display"}
        screens = []
        for monitor in glfw.get_monitors():
            mode = glfw.get_video_mode(monitor)
            name = glfw.get_monitor_name(monitor)
            screens.append(
                {
                    "name": name.decode(errors="replace") if isinstance(name, bytes) else str(name),
                    "width": mode.size.width,
                    "height": mode.size.height,
                    "position": list(glfw.get_monitor_pos(monitor)),
                    "hertz": mode.refresh_rate,
                }
            )
        glfw.terminate()
    return {"screens": screens}


if __name__ == "__main__":
    print(json.dumps(_probe()), flush=True)  # noqa: T201
