"""Runs a crowd of bots for a time, or until it is told to stop, and gives its tally.

All bots share one event loop and one thread; only the scene is fetched on another.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any, Final

from scenes.errors import Refused as SceneRefused
from scenes.schema import Scene
from scenes.twin import MAX_SCENE_BYTES, SCENE_FILE, read_scene
from sync_server.wire.messages import Welcome
from vr_app.bots.member import BotMember, BotOptions, Crowd
from vr_app.bots.tally import Tally
from vr_app.bots.walks import Walks

WATCHERS: Final = 8
DECODERS: Final = 1
COMING_S: Final = 0.02  # between two bots' first connections
DRAIN_S: Final = 0.5
HTTP_TIMEOUT_S: Final = 15.0


def fetch_scene(welcome: Welcome) -> Scene | None:
    """The scene, over HTTP with the token of a welcome; None where there is none to be had."""
    if not welcome.http.startswith(("http://", "https://")):
        return None
    headers = {"Authorization": f"Bearer {welcome.http_token}"} if welcome.http_token else {}
    address = f"{welcome.http.rstrip('/')}/twin/{SCENE_FILE}"
    request = urllib.request.Request(address, headers=headers)
    # A proxy of the environment is for the internet, not for a mine's own server.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with (
        contextlib.suppress(
            OSError, http.client.HTTPException, urllib.error.URLError, SceneRefused, ValueError
        ),
        opener.open(request, timeout=HTTP_TIMEOUT_S) as answer,
    ):
        return read_scene(answer.read(MAX_SCENE_BYTES + 1).decode("utf-8"), address)
    return None


async def run_crowd(
    count: int,
    options: BotOptions,
    seconds: float | None,
    stop: asyncio.Event,
    tickets: Sequence[str] = (),
    on_second: Callable[[float, Tally], None] = lambda _passed, _tally: None,
    troubles: list[BaseException] | None = None,
) -> dict[str, Any]:
    """Let `count` bots live for `seconds` (None: until `stop`) and give the report.

    What kept the first of them from connecting at all is added to `troubles`.
    """
    tally, crowd = Tally(), Crowd(troubles=[] if troubles is None else troubles)
    bots = [
        BotMember(
            index,
            options,
            crowd,
            tally,
            ticket=tickets[index] if index < len(tickets) else None,
            watches=index < WATCHERS,
            decodes=index < DECODERS,
        )
        for index in range(count)
    ]
    begun, cpu = time.monotonic(), time.process_time()
    tasks: list[asyncio.Task[None]] = []
    helpers = [
        asyncio.create_task(_start(bots, tasks)),
        asyncio.create_task(_give_walks(bots, crowd)),
    ]
    try:
        while not stop.is_set():
            passed = time.monotonic() - begun
            on_second(passed, tally)
            left = 1.0 if seconds is None else min(1.0, seconds - passed)
            over = helpers[0].done() and all(task.done() for task in tasks)
            if left <= 0 or over:
                break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await stop.wait()
    finally:
        lived = time.monotonic() - begun
        spent = time.process_time() - cpu
        present = tally.present
        crowd.stopping = True
        await asyncio.sleep(DRAIN_S)
        for task in (*helpers, *tasks):
            task.cancel()
        results = await asyncio.gather(*helpers, *tasks, return_exceptions=True)
    tally.present = present
    report = tally.report(count, lived, spent)
    defects = [r for r in results if isinstance(r, Exception)]
    if defects:
        raise defects[0]
    return report


async def _start(bots: Sequence[BotMember], tasks: list[asyncio.Task[None]]) -> None:
    for bot in bots:
        tasks.append(asyncio.create_task(bot.run()))
        await asyncio.sleep(COMING_S)


async def _give_walks(bots: Sequence[BotMember], crowd: Crowd) -> None:
    await crowd.first.wait()
    welcome = crowd.welcome
    scene = await asyncio.to_thread(fetch_scene, welcome) if welcome is not None else None
    walks = Walks(scene)
    for index, bot in enumerate(bots):
        bot.walk = walks.walk(random.Random(index))
