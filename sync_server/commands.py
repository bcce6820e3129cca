"""The server's commands: `kenish serve`, `kenish token`, `kenish room`.

Parses arguments and prints; everything heavy is imported inside the command that needs it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from sync_server.drills.script import DrillOptions

OPEN_ROLES = ("observer", "visitor", "trainee", "engineer")
ROLES = (*OPEN_ROLES, "instructor", "admin")


class Terminal(Protocol):
    """What a command may say; `vr_app.console.Console` is one."""

    language: str
    json_output: bool
    out: TextIO

    def say(self, message_id: str, **arguments: Any) -> None:
        """A line for the person."""

    def warn(self, message_id: str, **arguments: Any) -> None:
        """A line on stderr."""

    def line(self, text: str) -> None:
        """A line that is no message."""

    def result(self, value: dict[str, Any]) -> None:
        """The one JSON object."""

    def failure(self, message_id: str, arguments: dict[str, Any]) -> None:
        """Why it failed."""


def _parser(name: str, about: str, example: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"kenish {name}",
        description=about,
        epilog=f"Example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_state(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="state folder (default: the user's data folder)"
    )


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65534:
        raise argparse.ArgumentTypeError("0 to 65534")
    return value


def _speed(text: str) -> float:
    value = float(text)
    if not 0.1 <= value <= 100:
        raise argparse.ArgumentTypeError("0.1 to 100")
    return value


def _add_drill(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--drill", metavar="FILE", help="run this drill: a drill.yaml or a bundled one's name"
    )
    parser.add_argument(
        "--drill-mode",
        choices=("practice", "drill", "tour"),
        default="practice",
        help="practice explains, drill is silent and scored, tour only shows (default practice)",
    )
    parser.add_argument(
        "--drill-profile",
        choices=("kz", "jp", "who", "site", "us"),
        help="whose limits hold (default: as the drill says)",
    )
    parser.add_argument("--drill-seed", type=int, default=0, help="draws times and values")
    parser.add_argument(
        "--drill-autostart", action="store_true", help="start when the first person has come"
    )
    parser.add_argument(
        "--drill-speed",
        type=_speed,
        default=1.0,
        help="drill seconds in a second, to try things out; noted in the records (default 1)",
    )


def _drill_options(options: argparse.Namespace) -> DrillOptions | None:
    if options.drill is None:
        return None
    from sync_server.drills.script import DrillOptions

    return DrillOptions(
        file=options.drill,
        mode=options.drill_mode,
        profile=options.drill_profile,
        seed=options.drill_seed,
        autostart=options.drill_autostart,
        speed=options.drill_speed,
    )


def serve(arguments: list[str], console: Terminal) -> int:
    """`kenish serve TWIN`: run a server until Ctrl-C; one JSON line on stdout once it listens."""
    parser = _parser(
        "serve",
        "Share a twin: rooms on PORT, files over HTTP on PORT+1. Prints one JSON line "
        "{ws, http, rooms, pid} once it listens.",
        "kenish serve mine/ --open engineer --host 0.0.0.0",
    )
    parser.add_argument("twin", type=Path, metavar="TWIN", help="a twin folder")
    parser.add_argument("--room", action="append", metavar="NAME", help="default: the scene's name")
    parser.add_argument("--port", type=_port, default=7600, help="0: any free one (default 7600)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 lets other machines in (default 127.0.0.1)",
    )
    _add_state(parser)
    parser.add_argument(
        "--open",
        choices=OPEN_ROLES,
        metavar="ROLE",
        help=f"let this role and those below it in without a ticket: {', '.join(OPEN_ROLES)}",
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help="record the room as MCAP")
    parser.add_argument("--simulate", action="store_true", help="simulate the scene's sensors")
    parser.add_argument("--mqtt", metavar="URL", help="take sensor values from an MQTT broker")
    _add_drill(parser)
    parser.add_argument(
        "--watch-parent", action="store_true", help="stop when standard input is closed"
    )
    parser.add_argument("--verbose", action="store_true", help="log more to standard error")
    options = parser.parse_args(arguments)

    import asyncio
    import logging

    from sync_server.app import Announcement, ServerOptions, run

    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    # Its lines about each connection's ping and close are for those who debug websockets.
    logging.getLogger("kenish.socket").setLevel(
        logging.INFO if options.verbose else logging.CRITICAL
    )

    def announce(where: Announcement) -> None:
        # Always on stdout, also without --json: programs that start a server wait for it.
        if console.json_output:
            console.result(where.json())
        else:
            console.out.write(json.dumps(where.json()) + "\n")
            console.out.flush()
        if where.lan is not None:
            console.warn("server-lan", address=f"{where.lan}/{where.rooms[0]}")

    asyncio.run(
        run(
            ServerOptions(
                twin=options.twin,
                state=options.state,
                rooms=tuple(dict.fromkeys(options.room or ())),
                host=options.host,
                port=options.port,
                opened=options.open,
                record=options.record,
                simulate=options.simulate,
                mqtt=options.mqtt,
                watch_parent=options.watch_parent,
                drill=_drill_options(options),
            ),
            announce,
        )
    )
    return 0


def _minutes(text: str) -> float:
    value = float(text)
    if not 0 < value <= 5:
        raise argparse.ArgumentTypeError("more than 0, at most 5")
    return value


def token(arguments: list[str], console: Terminal) -> int:
    """`kenish token ROOM --role R`: print a ticket."""
    parser = _parser(
        "token",
        "Make a ticket that lets one person into a room, once and for a few minutes.",
        "kenish token mine --role instructor --state state/",
    )
    parser.add_argument("room", metavar="ROOM")
    parser.add_argument("--role", choices=ROLES, required=True)
    parser.add_argument("--member", metavar="ID", help="pseudonymous id (default: a new one)")
    parser.add_argument(
        "--minutes", type=_minutes, default=5.0, help="how long it is good for (at most 5)"
    )
    _add_state(parser)
    options = parser.parse_args(arguments)

    from ulid import ULID

    from sync_server.room.tickets import Ticket, sign
    from sync_server.storage.folder import StateFolder, checked_room_name
    from sync_server.wire.errors import Refused

    folder = StateFolder(options.state) if options.state else StateFolder.default()
    member = options.member or f"m-{ULID()}"
    if not 0 < len(member) <= 64 or member == "server":
        raise Refused("server-member-id", member=member[:64])
    expires = time.time() + options.minutes * 60
    ticket = Ticket(member, checked_room_name(options.room), options.role, expires, str(ULID()))
    text = sign(folder.secret(), "ticket", ticket)
    if not console.json_output:
        console.line(text)
    console.result(
        {
            "ticket": text,
            "room": ticket.room,
            "role": ticket.role,
            "member": member,
            "expires": int(expires),
        }
    )
    return 0


def room(arguments: list[str], console: Terminal) -> int:
    """`kenish room list | export | delete`."""
    parser = _parser(
        "room", "List, export and delete the rooms of a state folder.", "kenish room list"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|export|delete")
    listing = actions.add_parser("list", help="every room with its counts")
    export = actions.add_parser("export", help="records and commands as JSON")
    export.add_argument("name", metavar="ROOM")
    export.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    delete = actions.add_parser("delete", help="remove a room and all its records")
    delete.add_argument("name", metavar="ROOM")
    delete.add_argument("--yes", action="store_true", help="really")
    for action in (listing, export, delete):
        _add_state(action)
    options = parser.parse_args(arguments)

    from sync_server.storage import administration
    from sync_server.storage.folder import StateFolder

    folder = StateFolder(options.state) if options.state else StateFolder.default()
    if options.action == "list":
        rooms = administration.summaries(folder)
        for one in rooms:
            console.say(
                "server-room-line", room=one.name, records=one.records, commands=one.commands
            )
        if not rooms:
            console.say("server-no-rooms", folder=str(folder.folder))
        console.result({"rooms": [administration.as_json(one) for one in rooms]})
        return 0
    if options.action == "export":
        content = administration.export(folder, options.name)
        if options.out is not None:
            administration.write_json(options.out, content)
            console.say("server-room-exported", room=options.name, file=str(options.out))
            console.result({"room": options.name, "file": str(options.out)})
        elif console.json_output:
            console.result(content)
        else:
            console.line(json.dumps(content, ensure_ascii=False, indent=1))
        return 0
    if not options.yes:
        console.failure("server-room-delete-sure", {"room": options.name})
        return 2
    administration.delete(folder, options.name)
    console.say("server-room-deleted", room=options.name)
    console.result({"deleted": options.name})
    return 0
