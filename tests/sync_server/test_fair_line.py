"""The lines before the gate's libraries and before the rooms: addresses take turns."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.room.entrance import NotAdmitted
from sync_server.transport import entrance_line
from sync_server.transport.entrance_line import EntranceLine
from sync_server.transport.fair_line import FairLine
from tests.sync_server.support import DEADLINE_S


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["put", "take", "remove"]))))
def test_nobody_is_passed_twice_by_the_same(steps: list[tuple[str, str]]) -> None:
    line: FairLine[int] = FairLine()
    waiting: dict[str, list[int]] = defaultdict(list)
    passed: Counter[tuple[str, str]] = Counter()  # who was passed, by whom, since it came
    for item, (key, step) in enumerate(steps):
        if step == "put":
            if not waiting[key]:
                passed = Counter({pair: n for pair, n in passed.items() if pair[0] != key})
            line.put(key, item)
            waiting[key].append(item)
        elif step == "remove" and waiting[key]:
            line.remove(key, waiting[key].pop())
        elif step == "take" and any(waiting.values()):
            taken = line.take()
            (whose,) = [one for one, items in waiting.items() if taken in items]
            assert waiting[whose].pop(0) == taken  # its own in their order
            for other in [one for one, items in waiting.items() if items and one != whose]:
                passed[other, whose] += 1
                assert passed[other, whose] <= 1
            passed = Counter({pair: n for pair, n in passed.items() if pair[0] != whose})
        assert len(line) == sum(map(len, waiting.values()))
        assert line.keys == sum(map(bool, waiting.values()))
        assert line.of(key) == len(waiting[key])
    while line:
        line.take()
    with pytest.raises(IndexError):
        line.take()


def test_a_crowd_does_not_hold_up_who_comes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance_line, "EVERY_S", 0.001)

    async def story() -> None:
        line, entered = EntranceLine(), []
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def come(key: str) -> None:
            assert await line.turn(key, never)
            entered.append(key)

        crowd = [asyncio.create_task(come("crowd")) for _ in range(50)]
        await asyncio.sleep(0)  # they all stand in the line
        await asyncio.gather(come("alone"), *crowd)
        assert len(entered) == 51
        assert entered.index("alone") <= 2  # one was through already, one was first in the line

    asyncio.run(asyncio.wait_for(story(), DEADLINE_S))


def test_who_goes_while_waiting_takes_nobody_s_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance_line, "EVERY_S", 30.0)  # nobody's turn comes in this test

    async def story() -> None:
        line = EntranceLine()
        loop = asyncio.get_running_loop()
        stays: asyncio.Future[None] = loop.create_future()
        assert await line.turn("a", stays)
        leavers = [loop.create_future() for _ in range(entrance_line.LONGEST)]
        tasks = [asyncio.create_task(line.turn("b", one)) for one in leavers]
        await asyncio.sleep(0)
        with pytest.raises(NotAdmitted):
            await line.turn("b", stays)  # too long for one more from there
        waiting = asyncio.create_task(line.turn("c", stays))  # and not for somebody else
        for one in leavers:
            one.set_result(None)
        assert await asyncio.gather(*tasks) == [False] * len(tasks)
        again = asyncio.create_task(line.turn("b", stays))  # there is room in the line again
        await asyncio.sleep(0)
        assert not waiting.done() and not again.done()
        for task in (waiting, again):
            task.cancel()
        await asyncio.wait({waiting, again})

    asyncio.run(asyncio.wait_for(story(), DEADLINE_S))


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance_line, "EVERY_S", 30.0)
    monkeypatch.setattr(entrance_line, "LONGEST_S", 0.02)

    async def story() -> None:
        line = EntranceLine()
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        assert await line.turn("a", never)
        with pytest.raises(NotAdmitted):
            await line.turn("b", never)

    asyncio.run(asyncio.wait_for(story(), DEADLINE_S))
