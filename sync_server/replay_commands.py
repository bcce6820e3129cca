"""`kenish replay`: opens a recording as a room that people can enter.

Parses arguments and prints. The server's state is a temporary folder: nothing of a replay is kept.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from assets.text.number_ranges import number, whole_number
from sync_server.terminal import LAST_PORT, OPEN_ROLES, Terminal, command_parser

PORT = 7600


def replay(arguments: list[str], console: Terminal) -> int:
    """`kenish replay FILE`: a server whose room shows a recording, until Ctrl-C."""
    example = "kenish replay session.mcap --twin mine/ --open engineer --speed 2"
    parser = command_parser("replay", console, example)
    parser.option("file", type=Path, metavar="FILE")
    parser.option("--twin", type=Path, metavar="TWIN")
    parser.option(
        "--speed", filled={"default": "1"}, type=number(0.1, 16), default=1.0, metavar="X"
    )
    parser.option("--from", type=number(0), default=0.0, metavar="S", dest="begin")
    parser.option("--loop", action="store_true")
    filled = {"default": str(PORT)}
    parser.option(
        "--port",
        message="cli-help-serve-port",
        filled=filled,
        type=whole_number(0, LAST_PORT),
        default=PORT,
    )
    filled = {"default": "127.0.0.1"}
    parser.option("--host", message="cli-help-serve-host", filled=filled, default="127.0.0.1")
    filled = {"roles": ", ".join(OPEN_ROLES)}
    parser.option("--open", filled=filled, choices=OPEN_ROLES, default="observer", metavar="ROLE")
    parser.option("--watch-parent", message="cli-help-serve-watch-parent", action="store_true")
    parser.option("--verbose", message="cli-help-serve-verbose", action="store_true")
    options = parser.parse_args(arguments)

    from sync_server.recording.reader import Recording

    recording = Recording(options.file)
    try:
        if not recording.whole:
            console.warn("replay-cut-short", file=str(options.file))
        return _serve(options, recording, console)
    finally:
        recording.close()


def _twin_of(options: argparse.Namespace, recording: Any, console: Terminal) -> Path:
    from sync_server.recording.twins import FoundTwin, checksum_of, find_twin, usual_folders

    scene, checksum = recording.scene
    if options.twin is not None:
        found = FoundTwin(options.twin, checksum_of(options.twin) == checksum)
    else:
        found = find_twin(scene, checksum, usual_folders(options.file))
    if not found.same:
        console.warn("replay-other-twin", folder=str(found.folder), scene=scene)
    return found.folder


def _serve(options: argparse.Namespace, recording: Any, console: Terminal) -> int:
    import asyncio

    from sync_server.app import run
    from sync_server.logs import set_up_logs
    from sync_server.options import Announcement, ServerOptions
    from sync_server.recording.player import RecordingPlayer
    from sync_server.storage.folder import checked_room_name
    from sync_server.wire.limits import MAX_MEMBERS

    set_up_logs("text", "info" if options.verbose else "warning")
    room = checked_room_name(recording.room)
    player = RecordingPlayer(recording, options.speed, options.begin, options.loop)

    def announce(where: Announcement) -> None:
        # Always on stdout, also without --json: programs that start a server wait for it.
        told = where.json() | {
            "duration_s": round(player.playback.duration_s, 3),
            "whole": recording.whole,
        }
        if console.json_output:
            console.result(told)
        else:
            console.out.write(json.dumps(told) + "\n")
            console.out.flush()
        if where.lan is not None:
            console.warn("server-lan", address=f"{where.lan}/{where.rooms[0]}")

    with tempfile.TemporaryDirectory(prefix="kenish-replay-") as state:
        asyncio.run(
            run(
                ServerOptions(
                    twin=_twin_of(options, recording, console),
                    state=Path(state),
                    rooms=(room,),
                    host=options.host,
                    port=options.port,
                    opened=options.open,
                    max_members=2 * MAX_MEMBERS,  # those who watch, and those who are shown
                    player=player,
                    watch_parent=options.watch_parent,
                ),
                announce,
            )
        )
    return 0
