"""Runs one case of the benchmark `room`: a server on one core, its load on another.

Starts and ends processes and installs the peers from npm; it judges nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import platformdirs

from scenes.schema import Place, Scene
from scenes.twin import save_scene

ROOT: Final = Path(__file__).resolve().parents[2]
PEERS: Final = Path(__file__).parent / "room_peers"
NPM: Final = (
    "@colyseus/core@0.18.17",
    "@colyseus/ws-transport@0.18.4",
    "@colyseus/schema@5.0.34",
    "@colyseus/sdk@0.18.4",
    "express@5",
    "ws@8.23.0",
)
SERVER_CORE: Final = 0
LOADER_CORE: Final = 1
RUN_TIMEOUT_S: Final = 240.0


@dataclass(frozen=True, slots=True)
class Case:
    """A server with its options and the load that speaks its wire."""

    name: str
    kind: str  # kenish, colyseus, ws or websockets
    options: tuple[str, ...] = ()
    transport: str = "auto"


def peers_folder() -> Path:
    """The peers with their packages, installed once for this list of versions.

    Raises OSError or CalledProcessError where there is no npm or it fails.
    """
    mark = hashlib.sha256(" ".join(NPM).encode()).hexdigest()[:12]
    folder = Path(platformdirs.user_cache_dir("kenish")) / "bench" / f"room-{mark}"
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
        flags = ["--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(
            ["npm", "install", *flags, *NPM], cwd=folder, check=True, stdout=sys.stderr, timeout=600
        )
        (folder / "installed").touch()
    for file in PEERS.glob("*.mjs"):
        shutil.copy(file, folder)
    return folder


def bench_twin(folder: Path) -> Path:
    """A small mine with places, which a server looks for members in."""
    places = [
        Place(id=f"p{i}", title={"en": f"Place {i}"}, position=(i * 50.0, 0.0, 0.0))
        for i in range(20)
    ]
    save_scene(folder, Scene(name="bench", places=places))
    return folder


@contextlib.contextmanager
def server(case: Case, members: int) -> Iterator[tuple[str, int]]:
    """The case's server, alone on its core: its address and process id."""
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory() as state:
        if case.kind == "kenish":
            twin = bench_twin(Path(state) / "twin")
            limits = ["--max-members", str(members), "--per-address", str(members + 64)]
            command = [sys.executable, "-m", "vr_app", "serve", str(twin), "--port", "0"]
            command += ["--state", f"{state}/state", "--open", "engineer", *limits, *case.options]
            environment |= {"KENISH_TRANSPORT": case.transport, "PYTHONPATH": str(ROOT)}
            where: Path = ROOT
        elif case.kind == "websockets":
            command, where = [sys.executable, str(PEERS / "websockets_server.py")], ROOT
        else:
            where = peers_folder()
            command = ["node", f"{case.kind}_server.mjs", *case.options]
        errors = Path(state) / "errors"
        with errors.open("wb") as stderr:
            process = subprocess.Popen(
                ["taskset", "-c", str(SERVER_CORE), *command],
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=where,
                env=environment,
            )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"{case.name}: {errors.read_text(errors='replace')[-2000:]}")
            said = json.loads(line)
            if case.kind == "kenish":
                url = f"{said['ws']}/{said['rooms'][0]}"
            else:
                scheme = "http" if case.kind == "colyseus" else "ws"
                url = f"{scheme}://127.0.0.1:{said['port']}"
            yield url, said["pid"]
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def measure(
    case: Case, members: int, seconds: float, warm: float, crowd: bool = False
) -> dict[str, Any]:
    """One run; a crowd is loaded by members of whom only two read what they hear.

    Raises RuntimeError or TimeoutExpired where it cannot be done.
    """
    with server(case, members) as (url, pid):
        config = {"n": members, "seconds": seconds, "warm": warm, "pid": pid, "url": url}
        if crowd:
            config["wire"] = case.kind
            loader = Path(__file__).with_name("_room_crowd.py")
            command = [sys.executable, str(loader), json.dumps(config)]
            where = peers_folder() if case.kind == "colyseus" else ROOT
        elif case.kind == "colyseus":
            command = ["node", "colyseus_loader.mjs", json.dumps(config)]
            where = peers_folder()
        else:
            config["wire"] = case.kind
            loader = Path(__file__).with_name("_room_loader.py")
            command, where = [sys.executable, str(loader), json.dumps(config)], ROOT
        done = subprocess.run(
            ["taskset", "-c", str(LOADER_CORE), *command],
            cwd=where,
            capture_output=True,
            text=True,
            timeout=RUN_TIMEOUT_S,
        )
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(f"{case.name}, {members}: {done.stderr[-1500:]}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    result["cpu_share"] = round(result["cpu_s"] / result["seconds"], 4)
    result["loader_share"] = round(result["loader_cpu_s"] / result["seconds"], 3)
    result["loader_saturated"] = result["loader_share"] > (0.9 if crowd else 0.85)
    return {k: round(v, 5) if isinstance(v, float) else v for k, v in result.items()}
