"""Loads a twin over a line of 200 ms and 20 Mbit/s, and beside it one whole file of another kind.

Two network namespaces joined by `_tun_link.py`, the real server in one and a program that loads
the twin as `kenish join` does in the other. `measure` is for the benchmark `stream`; run as a
program it compares numbers of connections. Needs root, Linux and TUN devices.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tools.bench.line import Process  # noqa: E402

RTT_S: Final = 0.2
MBIT: Final = 20.0
VIEW: Final = "tools/bench/_slow_line_view.py"


@contextlib.contextmanager
def served(twin: Path, rtt_s: float = RTT_S, mbit: float = MBIT) -> Iterator[tuple[str, str]]:
    """(the room's address, the far namespace). SystemExit where there are no namespaces."""
    name = f"ks{os.getpid() % 100000}"
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        line = [f"--rtt={rtt_s}", "--jitter=0", "--loss=0", f"--mbit={mbit}"]
        link = Process(None, "tools/bench/_tun_link.py", name, *line)
        stack.callback(link.close)
        if link.hear().strip() != "ready":
            raise SystemExit("no TUN devices or no network namespaces here (root on Linux needed)")
        words = ["serve", str(twin), "--state", f"{folder}/state", "--open", "engineer"]
        where = ["--host", "0.0.0.0", "--port", "0"]
        server = Process(f"{name}-a", "-m", "vr_app", *words, *where)
        stack.callback(server.close)
        said = json.loads(server.hear())
        port = said["ws"].rsplit(":", 1)[1]
        yield f"ws://10.77.0.1:{port}/{said['rooms'][0]}", f"{name}-b"


def load(address: str, space: str, *options: str) -> dict[str, Any]:
    """What the program at the far end measured."""
    program = Process(space, VIEW, address, *options)
    try:
        found: dict[str, Any] = json.loads(program.end())
    finally:
        program.close()
    return found


def measure(twin: Path, whole: Path | None = None) -> dict[str, Any]:
    """A cold and a warm start of `twin`, and the download of the file `whole`: seconds, bytes."""
    result: dict[str, Any] = {"round_trip_ms": RTT_S * 1000, "mbit_per_s": MBIT}
    with tempfile.TemporaryDirectory() as folder:
        if whole is not None:
            shutil.copytree(twin, f"{folder}/twin")
            twin = Path(folder) / "twin"
            (twin / "tiles" / "whole").mkdir()
            shutil.copy(whole, twin / "tiles" / "whole" / "whole.glb")
        with served(twin) as (address, space):
            cache = f"--cache={folder}/cache"
            result["cold"] = load(address, space, cache)
            result["warm"] = load(address, space, cache)
            if whole is not None:
                result["whole_file"] = load(address, space, "--file=tiles/whole/whole.glb")
    return result


def main() -> None:
    """Compare numbers of connections, with and without zstd."""
    parser = argparse.ArgumentParser()
    parser.add_argument("twin", type=Path)
    parser.add_argument("--connections", default="2,4,8,16")
    parser.add_argument("--rtt", type=float, default=RTT_S)
    parser.add_argument("--mbit", type=float, default=MBIT)
    options = parser.parse_args()
    with served(options.twin, options.rtt, options.mbit) as (address, space):
        load(address, space)  # the server hashes the files once
        for count in options.connections.split(","):
            for plain in ([], ["--plain"]):
                found = load(address, space, f"--connections={count}", *plain)
                print(json.dumps({"connections": count, "plain": bool(plain), **found}), flush=True)


if __name__ == "__main__":
    main()
