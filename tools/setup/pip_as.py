"""Runs pip with another platform's environment markers: `python pip_as.py MARKERS_JSON PIP...`.

pip's `--platform` and `--python-version` choose wheels for another machine but read markers such
as `sys_platform == "win32"` from the running one, which would leave out what only Windows needs.
Never changes anything but that one reading.
"""

from __future__ import annotations

import json
import sys


def main() -> int:
    """Replace pip's reading of the environment, then run pip."""
    from pip._internal.cli.main import main as pip
    from pip._vendor.packaging import markers

    here = dict(markers.default_environment())
    there: dict[str, str] = json.loads(sys.argv[1])
    setattr(markers, "default_environment", lambda: {**here, **there})  # noqa: B010
    return int(pip(sys.argv[2:]))


if __name__ == "__main__":
    sys.exit(main())
