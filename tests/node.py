"""Node for tests of the protocol's JavaScript client: found, or named where it is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

OLDEST = 18


def require() -> str:
    """Where Node is. Skips the test where there is none that is new enough, or fails it where all
    is demanded."""
    found = shutil.which("node") or shutil.which("nodejs")
    if found is None or _major(found) < OLDEST:
        if os.environ.get("KENISH_REQUIRE_ALL") == "1":
            pytest.fail(f"node {OLDEST} or newer is not installed")
        pytest.skip(f"node {OLDEST} or newer is not installed")
    return found


def _major(node: str) -> int:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", done.stdout)
    return int(version[1]) if version else 0
