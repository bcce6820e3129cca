"""The compiled meshoptimizer, where it was built on this machine: its functions with their types.

Nothing needs it: who asks gets None where it is missing and takes another way.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

# Of the vertex cache that triangles are put in order for; larger and smaller ones compress worse.
_CACHE = 12


@cache
def _library() -> Any:
    try:
        from meshoptimizer import _loader

        return _loader.lib
    except (ImportError, OSError, AttributeError):
        return None


@cache
def simplifier() -> Any:
    """meshopt_simplifyWithAttributes, or None. Other threads run meanwhile."""
    # The package gives it no types, and a number would be cut to 32 bits.
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    return _typed(
        "meshopt_simplifyWithAttributes",
        size,
        [pointer, pointer, size, pointer, size, size, pointer, size, pointer, size, pointer,
         size, ctypes.c_float, ctypes.c_uint, pointer],
    )  # fmt: skip


def in_cache_order(flat: npt.NDArray[np.uint32], count: int) -> npt.NDArray[np.uint32] | None:
    """Flat triangles over `count` vertices in an order that a vertex cache likes, or None.

    A simple cache of few vertices: five times as fast as the order that the codec's own wheel
    makes, and 4 % longer when encoded.
    """
    function = _cache_order()
    if function is None:
        return None
    source = np.ascontiguousarray(flat, np.uint32)
    answer = np.empty_like(source)
    function(answer.ctypes.data, source.ctypes.data, len(source), count, _CACHE)
    return answer


@cache
def _cache_order() -> Any:
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    types = [pointer, pointer, size, size, ctypes.c_uint]
    return _typed("meshopt_optimizeVertexCacheFifo", None, types)


def _typed(name: str, answer: Any, types: list[Any]) -> Any:
    function = getattr(_library(), name, None)
    if function is not None:
        function.restype, function.argtypes = answer, types
    return function
