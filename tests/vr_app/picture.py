"""An off-screen display for tests that look at what was drawn."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest

from vr_app.display.base import Display, open_display
from vr_app.errors import DisplayError


def offscreen(size: tuple[int, int] = (640, 360)) -> Iterator[Display]:
    """A display that is closed afterwards; skips where there is no OpenGL at all."""
    try:
        display = open_display("offscreen", size)
    except DisplayError as error:
        if os.environ.get("KENISH_REQUIRE_ALL") == "1":
            raise
        pytest.skip(f"no OpenGL: {error}")
    yield display
    display.close()


def close_to(picture: np.ndarray, colour: tuple[int, ...], tolerance: int = 24) -> np.ndarray:
    """(h, w) bool: pixels of about this colour."""
    return np.abs(picture.astype(int) - np.array(colour[:3])).max(axis=2) <= tolerance
