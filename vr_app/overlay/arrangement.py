"""Where the flat panels stand, so that none covers what another says. Pure: sizes in pixels in,
distances from the panels' corners out; never touches a panel.
"""

from __future__ import annotations

from typing import Final

EDGE: Final = 12.0
GAP: Final = 8.0
NOTICE_TOP: Final = 70.0


def drill_top(window_width: float, drill_width: float, menu_right: float, menu_low: float) -> float:
    """Distance of the drill's prompt (top right) from the top: below the menu where the window is
    too narrow for both side by side. `menu_right` and `menu_low` are 0 without a menu."""
    beside = menu_right <= window_width - EDGE - drill_width
    return EDGE if beside else menu_low + GAP


def notice_top(window_width: float, notice_width: float, drill_width: float, low: float) -> float:
    """Distance of a notice (top middle) from the top: below the drill's prompt, whose lower edge
    is `low`, where it would lie over it. `low` is 0 without a drill."""
    beside = (window_width + notice_width) / 2 <= window_width - EDGE - drill_width
    return NOTICE_TOP if beside else max(NOTICE_TOP, low + GAP)


def middle_shift(window_height: float, height: float, wanted: float, low: float) -> float:
    """How far below the window's middle a panel at its right edge stands: as `wanted`, or further
    down to keep clear of `low`, but never out of the window."""
    top = (window_height - height) / 2
    lowest = window_height - EDGE - height - top
    return max(min(wanted, lowest), min(low + GAP - top, lowest)) if low else wanted
