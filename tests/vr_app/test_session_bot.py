"""The scripted member: where it walks, where it looks, and that a real room sees all of it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sync_server.wire.quantise import Quaternion, Vector
from tests.sync_server.support import make_twin, running_server, until
from vr_app.session import MemberView, RoomSession
from vr_app.session.bot import (
    Annotate,
    Operate,
    PointAt,
    Say,
    Script,
    ScriptedMember,
    WalkScript,
    facing,
    looking,
)

CORNER: list[Vector] = [(0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (10.0, 5.0, -1.0)]


def forward(q: Quaternion) -> Vector:
    """Where the +Y of an orientation points."""
    w, x, y, z = q
    return (2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x))


@pytest.mark.parametrize(
    ("azimuth", "pitch", "expected"),
    [
        (0, 0, (0, 1, 0)),
        (90, 0, (1, 0, 0)),
        (180, 0, (0, -1, 0)),
        (270, 0, (-1, 0, 0)),
        (0, 90, (0, 0, 1)),
        (90, -90, (0, 0, -1)),
    ],
)
def test_azimuths_are_clockwise_from_north_and_up_is_positive(
    azimuth: float, pitch: float, expected: Vector
) -> None:
    assert forward(facing(azimuth, pitch)) == pytest.approx(expected, abs=1e-9)


def test_looking_points_at_the_target() -> None:
    eye, target = (3.0, -2.0, 1.6), (-40.0, 15.0, 9.0)
    distance = math.dist(eye, target)
    expected = [(t - e) / distance for e, t in zip(eye, target, strict=True)]
    assert forward(looking(eye, target)) == pytest.approx(expected, abs=1e-9)


def test_a_walk_keeps_its_speed_and_its_way() -> None:
    walk = WalkScript(Script(CORNER, speed_m_s=2.0))
    assert walk.feet(0.0) == ((0.0, 0.0, 0.0), 90.0)
    assert walk.feet(2.5)[0] == pytest.approx((5.0, 0.0, 0.0))
    total = 10.0 + math.hypot(5.0, 1.0)
    assert walk.feet(total / 2)[0] == pytest.approx(CORNER[-1])
    back, azimuth = walk.feet((total + 1.0) / 2)  # one metre back
    assert math.dist(back, CORNER[-1]) == pytest.approx(1.0)
    assert azimuth == pytest.approx(180.0)
    for step in range(1000):
        apart = math.dist(walk.feet(step * 0.05)[0], walk.feet((step + 1) * 0.05)[0])
        assert apart <= 0.1 + 1e-9


def test_a_walk_that_does_not_return_stays_at_its_end() -> None:
    walk = WalkScript(Script(CORNER, there_and_back=False))
    assert walk.feet(1000.0)[0] == CORNER[-1]
    assert WalkScript(Script([(1.0, 2.0, 3.0)])).feet(9.0)[0] == (1.0, 2.0, 3.0)
    with pytest.raises(ValueError):
        WalkScript(Script([]))


def test_a_body_stays_together_and_the_laser_starts_at_the_hand() -> None:
    target = (30.0, 40.0, 2.0)
    walk = WalkScript(Script(CORNER, actions=[PointAt(1.0, 2.0, target)]))
    for step in range(300):
        t = step * 0.1
        pose = walk.pose(t)
        feet, _ = walk.feet(t)
        assert 1.5 < pose.head.position[2] - feet[2] < 1.75
        assert pose.left is not None and pose.right is not None
        for hand in (pose.left, pose.right):
            assert 0.3 < math.dist(hand.position, pose.head.position) < 1.1
        assert (pose.pointer == target) == (1.0 <= t < 3.0)
        if pose.pointer is not None:
            way = math.dist(pose.right.position, target)
            ahead = [(b - a) / way for a, b in zip(pose.right.position, target, strict=True)]
            assert forward(pose.right.orientation) == pytest.approx(ahead, abs=1e-6)


def test_a_room_sees_a_scripted_member(tmp_path: Path) -> None:
    target = (30.0, 40.0, 2.0)
    script = Script(
        CORNER,
        actions=[
            Say(0.2, "Сәлем"),
            Annotate(0.1, (1.0, 2.0, 3.0), "crack"),
            Operate(0.3, "valve", "close"),
            PointAt(0.0, 60.0, target),
        ],
    )
    twin = make_twin(tmp_path / "twin")
    with running_server(twin, tmp_path / "state", "--open", "engineer") as server:
        bot = ScriptedMember(RoomSession(server.url, "Second"), script)
        watcher = RoomSession(server.url, "First")
        watcher.start()
        bot.start()
        try:

            def pointing() -> MemberView | None:
                return next((m for m in watcher.members() if m.pose and m.pose.pointer), None)

            view = until(pointing)
            assert view.name == "Second"
            assert math.dist(view.pose.pointer, target) < 0.005
            until(lambda: len(watcher.records) == 3)
            kinds = {r.kind: r.payload for r in watcher.records.values()}
            assert kinds["message"]["text"] == "Сәлем"
            assert kinds["annotation"]["text"] == "crack"
            assert kinds["object_state"]["state"] == "closed"
            first = view.pose.head.position

            def walked() -> bool:
                seen = pointing()
                return seen is not None and math.dist(seen.pose.head.position, first) > 0.3

            until(walked)
            me = bot.session.me
            bot.close()
            until(lambda: me not in [m.id for m in watcher.members()])
        finally:
            bot.close()
            watcher.close()
