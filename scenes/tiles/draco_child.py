"""The process that decodes Draco streams: lengths and bytes in, arrays out, until its input ends.

Run as a script by `scenes.tiles.draco`. It imports nothing of Kenish and opens no file.
"""

from __future__ import annotations

import struct
import sys
from typing import IO, Any, Final

import numpy as np

REQUEST: Final = struct.Struct("<Q")  # bytes of the stream that follows
ANSWER: Final = struct.Struct("<II")  # 1 and how many arrays, or 0 and bytes of a reason
ARRAY: Final = struct.Struct("<iIII")  # Draco's id (-1: indices), place in DTYPES, rows, width
DTYPES: Final = ("<i1", "<u1", "<i2", "<u2", "<i4", "<u4", "<f4", "<f8", "<i8", "<u8", "|b1")
MAX_MEMORY: Final = 1536 * 1024 * 1024  # address space, where the system can limit it
MAX_REASON: Final = 200


def decoded(data: bytes) -> list[tuple[int, Any]]:
    """(id, array (n, width)) of every attribute, and (-1, flat indices)."""
    import DracoPy

    mesh = DracoPy.decode(data)
    arrays = [(int(one["unique_id"]), np.atleast_2d(one["data"])) for one in mesh.attributes]
    faces = getattr(mesh, "faces", None)
    corners = np.zeros(0, "<u4") if faces is None else np.asarray(faces).astype("<u4").ravel()
    return [*arrays, (-1, corners.reshape(-1, 1))]


def _send(pipe: IO[bytes], data: bytes) -> None:
    try:
        arrays = decoded(data)
        kinds = [DTYPES.index(array.dtype.newbyteorder("<").str) for _, array in arrays]
    except Exception as error:  # whatever it says: the stream is not to be read
        reason = f"{type(error).__name__}: {error}".encode()[:MAX_REASON]
        pipe.write(ANSWER.pack(0, len(reason)) + reason)
    else:
        pipe.write(ANSWER.pack(1, len(arrays)))
        for (number, array), kind in zip(arrays, kinds, strict=True):
            rows, width = array.shape
            pipe.write(ARRAY.pack(number, kind, rows, width))
            pipe.write(np.ascontiguousarray(array).tobytes())
    pipe.flush()


def main() -> None:
    """Answer streams until the input ends."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        pass  # Windows; the caller's limit of time still holds
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(REQUEST.size)) == REQUEST.size:
        (length,) = REQUEST.unpack(head)
        _send(target, source.read(length))


if __name__ == "__main__":
    main()
