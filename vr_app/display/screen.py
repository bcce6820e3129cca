"""Whether a window could appear on this machine, told by the environment alone.

Opens nothing, and knows no graphics library: `kenish doctor` asks it too.
"""

from __future__ import annotations

from collections.abc import Mapping


def window_possible(platform: str, environment: Mapping[str, str]) -> bool:
    """Whether a window can be hoped for, by `sys.platform` and the environment's variables.

    Panda3D's Linux window is an X11 one: Wayland alone, without XWayland, is no screen for it.
    """
    if platform.startswith(("win", "darwin")):
        return True
    return bool(environment.get("DISPLAY"))
