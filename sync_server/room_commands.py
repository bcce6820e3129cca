"""`kenish room`: looks after the rooms of a state folder.

Parses and prints; what is done to the files is `sync_server.storage.administration`'s.
"""

from __future__ import annotations

import json
from pathlib import Path

from assets.text.command_parser import CommandParser
from sync_server.terminal import Terminal, add_state, command_parser


def room(arguments: list[str], console: Terminal) -> int:
    """`kenish room list | export | delete`."""
    parser = command_parser("room", console, "kenish room list")
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
        add_state(subcommand)
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
