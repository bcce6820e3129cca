"""`kenish demo`: parses arguments, then hands over to the demonstration."""

from __future__ import annotations

import argparse
from pathlib import Path

from vr_app.commands import size_in_pixels
from vr_app.console import Console
from vr_app.demo.bundled import ensure_bundled_twin


def demo(arguments: list[str], console: Console) -> int:
    """`kenish demo`: walk through the bundled mine, or another twin, with a second member."""
    parser = argparse.ArgumentParser(
        prog="kenish demo",
        description="Walk through the bundled mine with a second person. Without a screen: a "
        "scripted visit of 20 seconds that leaves pictures, a recording and figures.",
        epilog="Example: kenish demo --headless --out out/demo",
    )
    parser.add_argument("--twin", type=Path, metavar="TWIN", help="another twin than the bundled")
    parser.add_argument("--headless", action="store_true", help="no window, even with a screen")
    parser.add_argument(
        "--out", type=Path, default=Path("out/demo"), metavar="DIR", help="default: out/demo"
    )
    parser.add_argument("--size", type=size_in_pixels, default=(1280, 720), metavar="WxH")
    parser.add_argument(
        "--bake-only", type=Path, metavar="TWIN", help="bake the bundled twin there and stop"
    )
    options = parser.parse_args(arguments)

    def progress(done: int, total: int) -> None:
        console.progress("demo-baking", done, total)

    if options.twin is None or options.bake_only is not None:
        twin = ensure_bundled_twin(options.bake_only, progress)
    else:
        twin = options.twin
    if options.bake_only is not None:
        console.say("demo-baked", folder=str(twin))
        console.result({"twin": str(twin)})
        return 0

    from vr_app.demo.show import run_demo

    return run_demo(twin, options.headless, options.out, options.size, console)
