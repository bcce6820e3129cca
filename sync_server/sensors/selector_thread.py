"""Runs a coroutine on a selector event loop in a thread of its own, until it ends or is cancelled.

For libraries that watch sockets through the loop, which the Proactor loop of Windows cannot.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine


async def run_in_selector_thread(
    work: Callable[[], Coroutine[None, None, None]], name: str
) -> None:
    """Await `work()` as it runs elsewhere: its exception comes through, and so does a cancel."""
    caller = asyncio.get_running_loop()
    ended: asyncio.Future[None] = caller.create_future()
    started = threading.Event()
    inner: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def guarded() -> None:
        task = asyncio.current_task()
        assert task is not None
        inner.append((asyncio.get_running_loop(), task))
        started.set()
        await work()

    def finish(error: BaseException | None) -> None:
        if ended.done():
            return
        if error is None or isinstance(error, asyncio.CancelledError):
            ended.set_result(None)
        else:
            ended.set_exception(error)

    def thread() -> None:
        error: BaseException | None = None
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(guarded())
        except BaseException as raised:
            error = raised
        started.set()
        caller.call_soon_threadsafe(finish, error)

    worker = threading.Thread(target=thread, name=name, daemon=True)
    worker.start()
    try:
        await asyncio.shield(ended)
    except asyncio.CancelledError:
        await asyncio.to_thread(started.wait)
        if inner:
            loop, task = inner[0]
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)
        await asyncio.wait([ended])
        if not ended.cancelled():
            ended.exception()  # taken, so that nobody is told of an error after the cancel
        raise
    finally:
        if ended.done():
            await asyncio.to_thread(worker.join)
