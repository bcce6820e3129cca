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

from assets.text.command_parser import CommandParser

if TYPE_CHECKING:
    from sync_server.drills.script import DrillOptions

OPEN_ROLES = ("observer", "visitor", "trainee", "engineer")
ROLES = (*OPEN_ROLES, "instructor", "admin")


class Terminal(Protocol):
    """What a command may say; `vr_app.console.Console` is one."""

    language: str
    json_output: bool
    out: TextIO

    def text(self, message_id: str, **arguments: Any) -> str:
        """The message in the person's language."""
        ...

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


def _parser(name: str, console: Terminal, example: str) -> CommandParser:
    return CommandParser(prog=f"kenish {name}", console=console, key=name, example=example)


def _add_state(parser: CommandParser) -> None:
    parser.option("--state", message="cli-help-state", type=Path, metavar="DIR")


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


def _add_drill(parser: CommandParser) -> None:
    parser.option("--drill", metavar="FILE")
    parser.option("--drill-mode", choices=("practice", "drill", "tour"), default="practice")
    parser.option("--drill-profile", choices=("kz", "jp", "who", "site", "us"))
    parser.option("--drill-seed", filled={"default": "0"}, type=int, default=0)
    parser.option("--drill-autostart", action="store_true")
    parser.option("--drill-speed", filled={"default": "1"}, type=_speed, default=1.0)


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
    parser = _parser("serve", console, "kenish serve mine/ --open engineer --host 0.0.0.0")
    parser.option("twin", type=Path, metavar="TWIN")
    parser.option("--room", action="append", metavar="NAME")
    parser.option("--port", filled={"default": "7600"}, type=_port, default=7600)
    parser.option("--host", filled={"default": "127.0.0.1"}, default="127.0.0.1")
    _add_state(parser)
    roles = {"roles": ", ".join(OPEN_ROLES)}
    parser.option("--open", filled=roles, choices=OPEN_ROLES, metavar="ROLE")
    parser.option("--record", type=Path, metavar="FILE")
    parser.option("--simulate", action="store_true")
    parser.option("--mqtt", metavar="URL")
    _add_drill(parser)
    parser.option("--watch-parent", action="store_true")
    parser.option("--verbose", action="store_true")
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
    parser = _parser("token", console, "kenish token mine --role instructor --state state/")
    parser.option("room", metavar="ROOM")
    parser.option("--role", choices=ROLES, required=True)
    parser.option("--member", metavar="ID")
    parser.option("--minutes", filled={"default": "5"}, type=_minutes, default=5.0)
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
    parser = _parser("room", console, "kenish room list")
    actions = parser.add_subparsers(
        title=console.text("cli-help-commands"),
        dest="action",
        required=True,
        metavar="list|export|delete",
    )

    def action(name: str, example: str) -> CommandParser:
        key = f"room-{name}"
        text = console.text(f"cli-help-{key}").replace("%", "%%")
        return actions.add_parser(name, help=text, console=console, key=key, example=example)

    listing = action("list", "kenish room list --state state/")
    export = action("export", "kenish room export mine --out mine.json")
    export.option("name", message="cli-help-room-name", metavar="ROOM")
    export.option("--out", type=Path, metavar="FILE")
    delete = action("delete", "kenish room delete mine --yes")
    delete.option("name", message="cli-help-room-name", metavar="ROOM")
    delete.option("--yes", action="store_true")
    for subcommand in (listing, export, delete):
        _add_state(subcommand)
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
