"""KHR_draco_mesh_compression through the wheel `DracoPy`, in a process of its own.

A damaged stream can make Draco take gigabytes, or crash: that process has a limit of memory and of
time, and the viewer outlives it. It never reads glTF: the caller hands it a stream.
"""

from __future__ import annotations

import atexit
import importlib.util
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from scenes.tiles.draco_child import ANSWER, ARRAY, DTYPES, REQUEST
from scenes.tiles.packages import NeedsPackage

EXTENSION = "KHR_draco_mesh_compression"
MAX_ANSWER_BYTES = 1 << 30
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class DracoMesh:
    """Attributes by glTF's names, each (n, width), and flat indices uint32 (None: points)."""

    attributes: dict[str, npt.NDArray[Any]]
    indices: npt.NDArray[np.uint32] | None


@cache
def available() -> bool:
    """Whether this machine has the codec."""
    return importlib.util.find_spec("DracoPy") is not None


class _Child:
    """The decoding process; a new one is started where the last one did not survive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def ask(self, data: bytes) -> tuple[dict[int, npt.NDArray[Any]], npt.NDArray[np.uint32]]:
        """(attributes by Draco's unique id, flat indices). Raises ValueError."""
        with self._lock:
            process = self._running()
            # A stream may also keep it busy for ever.
            alarm = threading.Timer(TIMEOUT_S, process.kill)
            alarm.daemon = True
            alarm.start()
            try:
                assert process.stdin is not None and process.stdout is not None
                process.stdin.write(REQUEST.pack(len(data)) + data)
                process.stdin.flush()
                return _answer(process.stdout)
            except (OSError, EOFError, struct.error) as error:
                self._end()
                raise ValueError("a Draco stream ended its decoder") from error
            except BaseException:
                if process.poll() is not None:
                    self._end()
                raise
            finally:
                alarm.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            # -P: this folder's modules must not stand in for Python's own.
            command = [sys.executable, "-P", str(Path(__file__).with_name("draco_child.py"))]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # what was not sent any more

    def close(self) -> None:
        """End the process; the next stream starts another."""
        with self._lock:
            self._end()


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) != size:
        raise EOFError
    return data


def _answer(pipe: IO[bytes]) -> tuple[dict[int, npt.NDArray[Any]], npt.NDArray[np.uint32]]:
    good, count = ANSWER.unpack(_exactly(pipe, ANSWER.size))
    if not good:
        raise ValueError(f"a Draco stream is damaged: {_exactly(pipe, count).decode()}")
    arrays: dict[int, npt.NDArray[Any]] = {}
    size = 0
    for _ in range(count):
        number, kind, rows, width = ARRAY.unpack(_exactly(pipe, ARRAY.size))
        dtype = np.dtype(DTYPES[kind])
        size += rows * width * dtype.itemsize
        if size > MAX_ANSWER_BYTES:
            raise EOFError
        data = _exactly(pipe, rows * width * dtype.itemsize)
        arrays[number] = np.frombuffer(data, dtype).reshape(rows, width)
    return arrays, arrays.pop(-1).ravel()


_CHILD = _Child()


def decode(data: bytes, attributes: dict[str, Any], vertices: int, corners: int) -> DracoMesh:
    """A stream's mesh: `attributes` names Draco's ids as glTF does, `vertices` and `corners` (0:
    none) are what the file says it holds.

    Raises ValueError for a stream that is damaged or holds something else, NeedsPackage where the
    codec is missing.
    """
    if not available():
        raise NeedsPackage("meshes compressed by Draco", "DracoPy")
    found, indices = _CHILD.ask(data)
    named = {str(name): found[int(number)] for name, number in attributes.items()}
    if any(len(array) != vertices for array in named.values()):
        raise ValueError(f"a Draco stream does not hold the {vertices} vertices that it should")
    if len(indices) != corners:
        raise ValueError(f"a Draco stream does not hold the {corners} corners that it should")
    return DracoMesh(named, indices if corners else None)


def close() -> None:
    """End the decoding process, if one runs."""
    _CHILD.close()
