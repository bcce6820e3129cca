"""`kenish people`: who was here, everything of one person, and forgetting them.

Parses and prints; works beside a running server, but for the texts in rooms that it holds.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime
from pathlib import Path

from assets.text.command_parser import CommandParser
from sync_server.storage.folder import StateFolder
from sync_server.terminal import DAYS, Actions, Terminal, add_state
from sync_server.wire.errors import Refused

ACTIONS = ("list", "export", "erase", "forget", "consent")
_DAY_S = 86400.0


def _kind(text: str) -> str:
    if not 0 < len(text) <= 64 or not text.isprintable():
        raise argparse.ArgumentTypeError(repr(text[:64]))
    return text


def _options(arguments: list[str], console: Terminal) -> argparse.Namespace:
    actions = Actions("people", console, ACTIONS, "kenish people list")

    def action(name: str, example: str, person: bool = True) -> CommandParser:
        one = actions.add(name, example)
        if person:
            one.option("member", message="cli-help-people-member", metavar="ID")
        add_state(one)
        return one

    action("list", "kenish people list --state state/", person=False)
    action("export", "kenish people export m-17 --out person.json").option(
        "--out", type=Path, metavar="FILE"
    )
    action("erase", "kenish people erase m-17 --texts").option("--texts", action="store_true")
    forget = action("forget", "kenish people forget --older-than 365", person=False)
    forget.option("--older-than", type=DAYS, required=True, metavar="DAYS")
    forget.option("--texts", message="cli-help-people-erase-texts", action="store_true")
    consent = action("consent", "kenish people consent m-17 recording --withdraw")
    consent.option("kind", type=_kind, metavar="KIND")
    consent.option("--withdraw", action="store_true")
    return actions.parse(arguments)


def people(arguments: list[str], console: Terminal) -> int:
    """`kenish people list | export | erase | forget | consent`."""
    options = _options(arguments, console)
    folder = StateFolder(options.state) if options.state else StateFolder.default()
    return {
        "list": _list,
        "export": _export,
        "erase": _erase,
        "forget": _forget,
        "consent": _consent,
    }[options.action](folder, options, console)


def _list(folder: StateFolder, _options: argparse.Namespace, console: Terminal) -> int:
    from dataclasses import asdict

    from sync_server.storage.people import People

    found = []
    if folder.people().is_file():  # looking makes no folder
        with People(folder.people()) as store:
            found = store.everybody()
    for one in found:
        seen = datetime.fromtimestamp(one.last_seen).isoformat(" ", "minutes")
        console.line(f"{one.member}  {one.name or '-'}  {one.site or '-'}  {seen}")
    if not found:
        console.say("server-people-none", folder=str(folder.folder))
    console.result({"people": [asdict(one) for one in found]})
    return 0


def _known(folder: StateFolder, member: str) -> None:
    from sync_server.storage.people import People

    if folder.people().is_file():
        with People(folder.people()) as store:
            if store.get(member) is not None:
                return
    raise Refused("server-people-unknown", member=member[:64])


def _export(folder: StateFolder, options: argparse.Namespace, console: Terminal) -> int:
    from scenes.twin import write_atomically
    from sync_server.storage import personal_data

    found = personal_data.export(folder, options.member)
    if found["person"] is None and not found["rooms"]:
        raise Refused("server-people-unknown", member=options.member[:64])
    text = json.dumps(found, ensure_ascii=False, indent=1)
    if options.out is None:
        if console.json_output:
            console.result(found)
        else:
            console.line(text)
        return 0
    try:
        write_atomically(options.out, f"{text}\n".encode())
    except OSError as error:
        reason = error.strerror or ""
        raise Refused("server-state", folder=str(options.out), reason=reason) from error
    console.say("server-people-exported", member=options.member, file=str(options.out))
    console.result({"member": options.member, "file": str(options.out)})
    return 0


def _erase(folder: StateFolder, options: argparse.Namespace, console: Terminal) -> int:
    if not options.texts:
        _known(folder, options.member)
    return _remove(folder, [options.member], options.texts, console)


def _forget(folder: StateFolder, options: argparse.Namespace, console: Terminal) -> int:
    from sync_server.storage.people import People

    if not folder.people().is_file():
        return _remove(folder, [], options.texts, console)
    with People(folder.people()) as store:
        old = store.not_seen_since(time.time() - options.older_than * _DAY_S)
    return _remove(folder, old, options.texts, console)


def _remove(folder: StateFolder, members: list[str], texts: bool, console: Terminal) -> int:
    from sync_server.storage import personal_data
    from sync_server.storage.people import People

    rooms: dict[str, int] = {}
    if texts and members:
        rooms = personal_data.erase_texts(folder, members)  # refuses before anything is changed
    count = 0
    if members:
        with People(folder.people()) as store:
            count = store.erase(members)
    console.say("server-people-erased", people=count, texts=sum(rooms.values()))
    console.result({"erased": count, "members": members, "texts": rooms})
    return 0


def _consent(folder: StateFolder, options: argparse.Namespace, console: Terminal) -> int:
    from sync_server.storage.people import People

    _known(folder, options.member)
    with People(folder.people()) as store:
        change = store.withdraw_consent if options.withdraw else store.give_consent
        changed = change(options.member, options.kind, time.time())
        consents = store.all_of(options.member)["consents"]
    message = "server-people-consent" if changed else "server-people-consent-before"
    console.say(message, member=options.member, kind=options.kind)
    console.result({"member": options.member, "changed": changed, "consents": consents})
    return 0
