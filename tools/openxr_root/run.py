"""Runs the headset's tests against Monado, a real OpenXR runtime, in a Debian root of its own.

`python3 tools/openxr_root/run.py` builds the root once (two minutes), then takes about as long as
the tests. `python3 tools/openxr_root/run.py -- COMMAND` runs something else inside.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tools.openxr_root.root import NotPossible, built, run_inside  # noqa: E402

# One process, and no file written: the checkout is not to be changed from inside.
_OPTIONS: Final = ("-v", "-rs", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=")
TESTS: Final = ("python3", "-m", "pytest", "/work/tests/headset", *_OPTIONS)
TESTS_S: Final = 900.0


def main() -> int:
    """Exit status of the tests, or of the command. 0 where this machine cannot have such a root,
    said loudly; with KENISH_REQUIRE_ALL=openxr that is a failure too."""
    words = sys.argv[1:]
    command = tuple(words[1:]) if words[:1] == ["--"] else TESTS
    out = REPOSITORY / "out" / "headset"
    try:
        folder = built()
        return run_inside(folder, command, out, TESTS_S)
    except NotPossible as error:
        print(f"THE HEADSET'S TESTS WERE NOT RUN: {error}", file=sys.stderr)
        return int(os.environ.get("KENISH_REQUIRE_ALL") == "openxr")
    except subprocess.TimeoutExpired as error:
        print(f"not done within {error.timeout:.0f} s", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
