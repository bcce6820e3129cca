"""A scripted wearer visits a room through a real runtime: what they do is in the room's records,
and what they see is on Monado's own window (pictures come to `out/headset/`)."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.headset.monado import Monado, installed
from tests.headset.screen import keep, screen
from tests.vr_app.tiny_twin import make_tiny_twin
from vr_app.demo.server_child import ServerChild
from vr_app.joining import wait_joined
from vr_app.session import RoomSession

pytestmark = [
    pytest.mark.skipif(not installed(), reason="no Monado on this machine"),
    pytest.mark.timeout(400),
]
ROOT = Path(__file__).parents[2]
DEADLINE_S = 60.0
LEVEL = (0.0, 0.0, 0.0, 1.0)
HELD = (0.2, 1.2, -0.3)  # OpenXR's axes: right, up, back


def tilted(pitch: float, azimuth: float = 0.0) -> tuple[float, float, float, float]:
    """A controller's turn in OpenXR's axes: azimuth clockwise, pitch upwards, degrees."""
    a, p = -math.radians(azimuth) / 2, math.radians(pitch) / 2
    return (
        math.cos(a) * math.sin(p),
        math.sin(a) * math.cos(p),
        -math.sin(a) * math.sin(p),
        math.cos(a) * math.cos(p),
    )


class Visit:
    """A room, a wearer in a process of their own, and somebody who watches."""

    def __init__(self, folder: Path) -> None:
        self.monado = Monado(window=True)
        twin = make_tiny_twin(folder / "tiny")
        options = ("--port", "0", "--open", "engineer", "--simulate")
        self.server = ServerChild(twin, *options, "--state", str(folder / "state"))
        listening = self.server.wait_listening()
        self.address = f"{listening.ws}/{listening.rooms[0]}"
        self.watcher = RoomSession(self.address, "Watcher", "engineer", "en", "offscreen")
        self.watcher.start()
        wait_joined(self.watcher, self.address)
        options = ("--name", "Wearer", "--display", "headset", "--size", "640x360")
        self.errors = (folder / "errors").open("w+b")
        self.wearer = subprocess.Popen(
            [sys.executable, "-m", "vr_app", "--lang", "en", "join", self.address, *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=self.errors,
            stderr=self.errors,
        )

    def until(self, condition: Callable[[], Any]) -> Any:
        end = time.monotonic() + DEADLINE_S
        while not (result := condition()):
            if self.wearer.poll() is not None or time.monotonic() > end:
                self.errors.seek(0)
                said = self.errors.read().decode(errors="replace")[-3000:]
                raise AssertionError(f"it never came to that ({self.wearer.poll()}): {said}")
            time.sleep(0.02)
        return result

    def pose(self) -> Any:
        """The wearer's pose in the room, or None."""
        return next((m.pose for m in self.watcher.members() if m.name == "Wearer"), None)

    def head(self) -> np.ndarray[Any, Any]:
        return np.array(self.until(self.pose).head.position)

    def records(self, kind: str) -> list[Any]:
        return [one for one in self.watcher.records.values() if one.kind == kind]

    def rest(self) -> None:
        """The right hand holds nothing; it is seen to be there."""
        self.monado.hand("right", tilted(-10.0), HELD)
        self.until(lambda: self.pose().right is not None)

    def close(self) -> None:
        self.wearer.send_signal(signal.SIGTERM)
        try:
            self.wearer.wait(20)
        except subprocess.TimeoutExpired:
            self.wearer.kill()
            self.wearer.wait()
        self.watcher.close()
        self.server.stop()
        self.errors.close()
        self.monado.close()


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    visit = Visit(tmp_path_factory.mktemp("visit"))
    yield visit
    visit.close()


def test_putting_it_on_brings_the_head_into_the_room(visit: Visit) -> None:
    visit.monado.head(LEVEL, (0.0, 1.6, 0.0))
    visit.until(lambda: visit.pose() is not None)
    visit.until(lambda: abs(visit.head()[2] - 1.6) < 0.005)
    np.testing.assert_allclose(visit.head()[:2], [0, 0], atol=0.005)
    keep(screen(), "worn")


def test_what_is_seen_is_lit_and_not_the_same_for_both_eyes(visit: Visit) -> None:
    # Monado's own window is grey until the first frame comes.
    visit.until(lambda: np.ptp(screen()[100:400, 100:700].astype(int).mean(axis=2)) > 60)
    picture = screen()
    keep(picture, "both-eyes")
    rows, columns = np.nonzero(picture.max(axis=2) > 25)
    assert len(rows) > 10_000
    middle = (columns.min() + columns.max()) // 2
    assert (columns < middle).sum() > 3000 and (columns > middle).sum() > 3000


def test_a_hand_is_where_it_is_held(visit: Visit) -> None:
    visit.rest()
    wanted = np.array([HELD[0], -HELD[2], HELD[1]]) + np.array([*visit.head()[:2], 0.0])
    visit.until(lambda: np.abs(np.array(visit.pose().right.position) - wanted).max() < 0.03)


def test_they_jump(visit: Visit) -> None:
    visit.rest()
    before = visit.head()
    visit.monado.hand("right", tilted(-10.0), HELD, stick=(0.0, 1.0))
    time.sleep(0.7)  # a person looks where they aim
    keep(screen(), "arc")
    visit.rest()
    visit.until(lambda: np.linalg.norm((visit.head() - before)[:2]) > 1.5)
    assert abs(visit.head()[2] - before[2]) < 0.03
    keep(screen(), "after-the-jump")


def test_they_turn(visit: Visit) -> None:
    visit.rest()

    def looks() -> float:
        w, x, y, z = visit.pose().head.orientation
        return math.degrees(math.atan2(2 * (x * y - w * z), 1 - 2 * (x * x + z * z)))

    before, place = looks(), visit.head()
    visit.monado.hand("right", tilted(-10.0), HELD, stick=(1.0, 0.0))
    visit.until(lambda: abs(math.remainder(looks() - before, 360.0)) > 25.0)
    visit.rest()
    np.testing.assert_allclose(visit.head(), place, atol=0.02)


def test_they_leave_a_mark(visit: Visit) -> None:
    visit.rest()
    before = len(visit.records("annotation"))
    visit.monado.hand("right", tilted(-10.0), HELD, squeeze=1.0)
    visit.until(lambda: len(visit.records("annotation")) > before)
    visit.rest()
    mark = visit.records("annotation")[-1]
    x, y, z = mark.payload["position"]
    assert -15.05 <= x <= 15.05 and -10.05 <= y <= 10.05 and -0.05 <= z <= 5.05


def test_the_menu_is_seen(visit: Visit) -> None:
    visit.rest()
    time.sleep(0.5)
    before = screen().astype(int)
    visit.monado.hand("right", tilted(-10.0), HELD, b=True)
    visit.until(lambda: (np.abs(screen().astype(int) - before).max(axis=2) > 40).mean() > 0.02)
    keep(screen(), "menu")
    visit.rest()
    visit.monado.hand("right", tilted(-10.0), HELD, b=True)
    time.sleep(0.3)
    visit.rest()


def test_a_killed_runtime_leaves_them_in_the_room_and_comes_back(visit: Visit) -> None:
    before = visit.head()
    times = []
    for _ in range(3):
        visit.monado.kill()
        time.sleep(1.0)
        assert visit.wearer.poll() is None
        assert any(member.name == "Wearer" for member in visit.watcher.members())
        visit.monado.start()
        begun = time.monotonic()
        visit.monado.head(LEVEL, (0.0, 1.45, 0.0))
        visit.until(lambda: abs(visit.head()[2] - 1.45) < 0.02)
        times.append(time.monotonic() - begun)
        visit.monado.head(LEVEL, (0.0, 1.6, 0.0))
        visit.until(lambda: abs(visit.head()[2] - 1.6) < 0.02)
    np.testing.assert_allclose(visit.head(), before, atol=0.05)
    print("back after", [round(one, 2) for one in times], "s")
