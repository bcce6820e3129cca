"""Keeps Python's collector of cycles from holding up poses.

A full collection looks at every object of the process: 60 ms with what the libraries alone leave,
ten flushes late. What is there when a server has started is left out for good, and the rest is
looked at in small pieces. It collects nothing itself.
"""

from __future__ import annotations

import gc
from typing import Final

# Young objects, then those that outlived 5 such collections (each well below a millisecond), and
# everything after 20 of the second kind: what a connection's end leaves is freed without it, and
# what a library leaves behind all the same is gone within minutes.
THRESHOLDS: Final = (700, 5, 20)


def leave_out_what_is_there() -> None:
    """To be called once all is loaded; what is a cycle already is then never collected."""
    gc.set_threshold(*THRESHOLDS)
    gc.freeze()
