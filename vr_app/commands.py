"""`kenish join` and `kenish bench`: parse arguments, then hand over."""

from __future__ import annotations

import argparse
import importlib.util
import runpy
import sys
from pathlib import Path
from typing import Final

from vr_app.console import Console

ROLES: Final = ("observer", "visitor", "trainee", "engineer", "instructor", "admin")
BENCHMARKS: Final = Path(__file__).parents[1] / "tools" / "bench"


class CommandError(Exception):
    """A command that cannot be carried out."""

    def __init__(self, message_id: str, exit_code: int = 1, **arguments: object) -> None:
        super().__init__(f"{message_id} {arguments}")
        self.message_id = message_id
        self.arguments = arguments
        self.exit_code = exit_code


def size_in_pixels(text: str) -> tuple[int, int]:
    """ "1280x720" as (1280, 720)."""
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 0 < int(width) <= 8192):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x720")
    return int(width), min(int(height), 8192)


def join(arguments: list[str], console: Console) -> int:
    """`kenish join ADDRESS`: enter a room."""
    parser = argparse.ArgumentParser(
        prog="kenish join",
        description="Enter a room. The address is all that is needed: the mine comes from there.",
        epilog="Example: kenish join ws://192.168.1.20:7600/mine --name Aru --role engineer",
    )
    parser.add_argument("address", metavar="ADDRESS", help="ws://HOST:PORT/ROOM")
    parser.add_argument("--name", default="", help="how the others see you")
    parser.add_argument("--role", choices=ROLES, default="engineer")
    parser.add_argument("--ticket", metavar="TICKET", help="from `kenish token`")
    parser.add_argument(
        "--display", default="auto", metavar="auto|desktop|offscreen", help="default: auto"
    )
    parser.add_argument("--size", type=size_in_pixels, default=(1280, 720), metavar="WxH")
    parser.add_argument("--at", metavar="VIEWPOINT", help="arrive at a viewpoint of the scene")
    parser.add_argument("--meet", metavar="NAME", help="arrive face to face with a member")
    parser.add_argument("--laser", action="store_true", help="point with the laser all the time")
    parser.add_argument(
        "--seconds", type=float, metavar="S", help="leave after so long and print what was measured"
    )
    parser.add_argument("--picture", type=Path, metavar="PNG", help="save the last frame")
    options = parser.parse_args(arguments)

    from vr_app.joining import JoinOptions, join_room

    return join_room(
        JoinOptions(
            address=options.address,
            name=options.name,
            role=options.role,
            ticket=options.ticket,
            display=options.display,
            size=options.size,
            viewpoint=options.at,
            meet=options.meet,
            laser=options.laser,
            seconds=options.seconds,
            picture=options.picture,
        ),
        console,
    )


def bench(arguments: list[str], console: Console) -> int:
    """`kenish bench NAME`: run a benchmark of the checkout."""
    known = sorted(p.stem for p in BENCHMARKS.glob("*.py") if not p.stem.startswith("_"))
    if not known:
        raise CommandError("bench-checkout-only")
    if not arguments or arguments[0].startswith("-"):
        console.say("bench-usage", names=" ".join(known))
        return 0
    name, *rest = arguments
    if name not in known:
        raise CommandError("bench-unknown", 2, name=name, known=" ".join(known))
    path = BENCHMARKS / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    before = sys.argv
    sys.argv = [str(path), *rest, *(["--json"] if console.json_output else [])]
    try:
        runpy.run_path(str(path), run_name="__main__")
    finally:
        sys.argv = before
    return 0
