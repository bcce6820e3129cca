"""`kenish twin fetch ADDRESS`: puts a whole twin on this disk, for a place without a line.

Joins the room for as long as it takes, as the person who will use it; shows nothing.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from assets.text.command_parser import CommandParser
from vr_app.console import Console
from vr_app.stream.cache_options import add_cache, cache_options

EXAMPLE = """\
kenish twin fetch ws://192.168.1.20:7600/mine --name Aru
kenish twin fetch wss://mine.example/pit --ticket TICKET --cache-gb 20"""


def fetch(arguments: list[str], console: Console) -> int:
    """Run the command and return its exit status."""
    from vr_app.commands import ROLES

    parser = CommandParser(
        prog="kenish twin fetch", console=console, key="twin-fetch", example=EXAMPLE
    )
    parser.option("address", message="cli-help-join-address", metavar="ADDRESS")
    parser.option("--name", message="cli-help-join-name", default="")
    role = {"default": "engineer"}
    parser.option(
        "--role", message="cli-help-join-role", filled=role, choices=ROLES, default="engineer"
    )
    parser.option("--ticket", message="cli-help-join-ticket", metavar="TICKET")
    parser.option("--ca", message="cli-help-join-ca", type=Path, metavar="FILE")
    add_cache(parser)
    options = parser.parse_args(arguments)

    from vr_app.identity import identity_file
    from vr_app.joining import person_name, wait_joined
    from vr_app.session import RoomSession
    from vr_app.session.trust import trusting
    from vr_app.stream.cached_source import CachedSource
    from vr_app.stream.http_source import HttpSource
    from vr_app.stream.prefetch import prefetch
    from vr_app.world.twin_view import load_scene

    name = person_name(options.name)
    tls = trusting(options.ca)
    place = cache_options(options.cache, options.cache_gb)
    cache, seen = place.open()
    identity = identity_file(options.address, name, options.role, options.ticket)
    session = RoomSession(
        options.address,
        name,
        options.role,
        console.language,
        "desktop",
        options.ticket,
        resume_file=identity,
        tls=tls,
    )
    with ExitStack() as stack:
        stack.callback(session.close)
        session.start()
        wait_joined(session, options.address)
        server = HttpSource(
            lambda: session.http_base, lambda: session.http_token, tls, options.address
        )
        source = CachedSource(
            server,
            cache,
            seen,
            identity.stem,
            seen.load(identity.stem),
            lambda: session.status.state == "refused",
        )
        stack.callback(source.close)
        scene = load_scene(source)
        fetched = prefetch(
            source,
            scene,
            place.max_bytes,
            lambda done, total: console.progress(
                "twin-fetching", done // 10**6, total // 10**6, name=scene.name
            ),
        )
        stack.pop_all().close()
    restricted = sum(layer.access == "restricted" for layer in scene.layers)
    megabytes = round(fetched.bytes / 1e6)
    fresh = round((fetched.bytes - fetched.bytes_before) / 1e6)
    console.say("twin-fetched", name=scene.name, files=fetched.files, mb=megabytes, fresh=fresh)
    if restricted:
        console.say("twin-fetch-restricted", n=restricted)
    if fetched.failed:
        console.warn("twin-fetch-failed", n=fetched.failed)
    console.result(
        {
            "twin": scene.name,
            "cache": str(place.place),
            "files": fetched.files,
            "bytes": fetched.bytes,
            "bytes_before": fetched.bytes_before,
            "on_the_wire": source.counts().on_the_wire,
            "failed": fetched.failed,
            "restricted_layers": restricted,
        }
    )
    return 1 if fetched.failed else 0
