"""The peer `websockets`: passes every record on to everybody else with its own `broadcast`.

Prints {port, pid} as JSON; compression is off, as for all.
"""

from __future__ import annotations

import asyncio
import json
import os

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed


async def main() -> None:
    """Serve until killed."""
    everybody: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        everybody.add(connection)
        try:
            async for message in connection:
                broadcast(everybody - {connection}, message)
        except ConnectionClosed:
            pass
        finally:
            everybody.discard(connection)

    async with serve(handle, "127.0.0.1", 0, compression=None, max_queue=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(json.dumps({"port": port, "pid": os.getpid()}), flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main())
