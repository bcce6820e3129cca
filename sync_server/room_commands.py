"""`kenish room`: looks after the rooms of a state folder.

Parses and prints; what is done to the files is `sync_server.storage.administration`'s.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime
from pathlib import Path

from assets.text.command_parser import CommandParser
from assets.text.number_ranges import whole_number
from sync_server.storage.folder import StateFolder
from sync_server.terminal import DAYS, Actions, Terminal, add_state

ACTIONS = ("list", "info", "export", "import", "delete", "backup", "compact")


def add_retention(parser: CommandParser) -> None:
    """`--keep-entries N` and `--keep-days D`."""
    parser.option(
        "--keep-entries",
        message="cli-help-keep-entries",
        type=whole_number(0, 100_000_000),
        default=200_000,
        metavar="N",
    )
    parser.option(
        "--keep-days", message="cli-help-keep-days", type=DAYS, default=365.0, metavar="D"
    )


def _options(arguments: list[str], console: Terminal) -> argparse.Namespace:
    actions = Actions("room", console, ACTIONS, "kenish room list")

    def action(name: str, example: str, room: bool = True) -> CommandParser:
        one = actions.add(name, example)
        if room:
            one.option("name", message="cli-help-room-name", metavar="ROOM")
        add_state(one)
        return one

    action("list", "kenish room list --state state/", room=False)
    action("info", "kenish room info mine")
    action("export", "kenish room export mine --out mine.zip").option(
        "--out", type=Path, metavar="FILE"
    )
    importing = action("import", "kenish room import mine.zip --as mine-2", room=False)
    importing.option("file", type=Path, metavar="FILE")
    importing.option("--as", dest="name", metavar="ROOM")
    importing.option("--new-epoch", action="store_true")
    action("delete", "kenish room delete mine --yes").option("--yes", action="store_true")
    backup = action("backup", "kenish room backup --out /backup/monday", room=False)
    backup.option("name", message="cli-help-room-backup-name", metavar="ROOM", nargs="?")
    backup.option("--out", type=Path, metavar="DIR", required=True)
    add_retention(action("compact", "kenish room compact mine --keep-days 90"))
    return actions.parse(arguments)


def room(arguments: list[str], console: Terminal) -> int:
    """`kenish room list | info | export | import | delete | backup | compact`."""
    options = _options(arguments, console)
    folder = StateFolder(options.state) if options.state else StateFolder.default()
    return {
        "list": _list,
        "info": _info,
        "export": _export,
        "import": _import,
        "delete": _delete,
        "backup": _backup,
        "compact": _compact,
    }[options.action](folder, options, console)


def _list(folder: StateFolder, _options: argparse.Namespace, console: Terminal) -> int:
    from sync_server.storage import administration

    rooms = administration.summaries(folder)
    for one in rooms:
        console.say("server-room-line", room=one.name, records=one.records, commands=one.commands)
    if not rooms:
        console.say("server-no-rooms", folder=str(folder.folder))
    console.result({"rooms": [administration.as_json(one) for one in rooms]})
    return 0


def _info(folder: StateFolder, options: argparse.Namespace, console: Terminal) -> int:
    from sync_server.storage import administration

    found = administration.info(folder, options.name)
    last = found["last_time"]
    console.say(
        "server-room-info",
        room=found["name"],
        records=found["records"],
        commands=found["commands"],
        authors=found["authors"],
        pictures=found["pictures"],
        kilobytes=-(-found["bytes"] // 1024),
        last="-" if last is None else datetime.fromtimestamp(last).isoformat(" ", "seconds"),
        held=str(found["held"]).lower(),
    )
    for kind, number in found["kinds"].items():
        console.line(f"  {kind:14} {number}")
    console.result(found)
    return 0


def _export(folder: StateFolder, options: argparse.Namespace, console: Terminal) -> int:
    from dataclasses import asdict

    from sync_server.storage import administration

    if options.out is not None:
        contents = administration.write_room(folder, options.name, options.out)
        console.say("server-room-exported", room=options.name, file=str(options.out))
        console.result(asdict(contents) | {"file": str(options.out)})
        return 0
    content = administration.export(folder, options.name)
    if console.json_output:
        console.result(content)
    else:
        console.line(json.dumps(content, ensure_ascii=False, indent=1))
    return 0


def _import(folder: StateFolder, options: argparse.Namespace, console: Terminal) -> int:
    from dataclasses import asdict

    from ulid import ULID

    from sync_server.storage import administration

    epoch = str(ULID()) if options.new_epoch else None
    name, contents, before = administration.import_room(folder, options.file, options.name, epoch)
    message = "server-room-imported-before" if before else "server-room-imported"
    console.say(message, room=name, records=contents.records, pictures=contents.pictures)
    console.result(asdict(contents) | {"room": name, "unchanged": before})
    return 0


def _delete(folder: StateFolder, options: argparse.Namespace, console: Terminal) -> int:
    from sync_server.storage import administration

    if not options.yes:
        console.failure("server-room-delete-sure", {"room": options.name})
        return 2
    administration.delete(folder, options.name)
    console.say("server-room-deleted", room=options.name)
    console.result({"deleted": options.name})
    return 0


def _backup(folder: StateFolder, options: argparse.Namespace, console: Terminal) -> int:
    from sync_server.storage.backup import backup

    done = backup(folder, options.out, options.name)
    console.say(
        "server-backup-done",
        folder=str(options.out),
        rooms=len(done.rooms),
        megabytes=round(done.bytes / 1e6, 1),
    )
    console.result(
        {
            "folder": str(options.out),
            "rooms": list(done.rooms),
            "pictures": done.pictures,
            "bytes": done.bytes,
        }
    )
    return 0


def _compact(folder: StateFolder, options: argparse.Namespace, console: Terminal) -> int:
    from sync_server.storage import administration
    from sync_server.storage.retention import Retention

    retention = Retention(entries=options.keep_entries, entries_s=options.keep_days * 86400.0)
    done = administration.compact(folder, options.name, time.time(), retention)
    console.say("server-room-compacted", room=options.name, entries=done.entries)
    console.result({"room": options.name, "entries": done.entries, "commands": done.commands})
    return 0
