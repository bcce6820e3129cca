"""Colour maps of scalar fields: from a share between 0 and 1 to a colour, and a field's codes.

Pure numpy, no GPU. Which map a person uses is `vr_app.ui.settings_panel.Settings`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

# Low to high, evenly spaced sRGB. viridis, cividis (made for colour-blind eyes) and turbo after
# their authors' tables; diverging runs from blue over light grey to red.
_STOPS: Final[dict[str, str]] = {
    "viridis": "440154 482878 3e4a89 31688e 26828e 1f9e89 35b779 6dcd59 b4de2c fde725",
    "cividis": "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
    "turbo": "30123b 4454c4 4490fe 1fc8de 29efa2 7dff56 c1f334 f1ca3a fe922a ea4f0d be2102 7a0403",
    "diverging": "2166ac 4393c3 92c5de d1e5f0 f0f0f0 fddbc7 f4a582 d6604d b2182b",
}
COLOUR_MAPS: Final = tuple(_STOPS)
NO_VALUE: Final = (128, 128, 128)
CODES: Final = 256  # of a field in a tile; the first means: no value


def map_colours(name: str, shares: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """(n, 3) sRGB for shares (n,): below 0 as 0, above 1 as 1, grey where it is no number."""
    stops = np.array(
        [[int(stop[i : i + 2], 16) for i in (0, 2, 4)] for stop in _STOPS[name].split()], np.float64
    )
    at = np.clip(np.nan_to_num(shares, nan=0.0), 0.0, 1.0) * (len(stops) - 1)
    channels = [np.interp(at, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    colours = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    colours[np.isnan(shares)] = NO_VALUE
    return colours


def code_shares(
    values: npt.NDArray[np.float64], low: float, high: float
) -> npt.NDArray[np.float32]:
    """(CODES,) where between `low` and `high` a field's codes are: `values` (CODES - 1,) are those
    of code 1 and above."""
    shares = np.zeros(CODES, np.float32)
    shares[1 : 1 + len(values)] = (values - low) / max(high - low, 1e-30)
    return shares
