"""The one command for a fresh machine: `python3 tools/run.py demo`.

Checks the Python that runs it, then hands over to `tools.setup`. Never needs anything that is not
in the standard library, and must itself parse on Pythons far too old to run Kenish.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OLDEST = (3, 11)
NEWEST = (3, 13)


def version_problem(version: "Sequence[int]", candidates: "Sequence[str]" = ()) -> "str | None":
    """One line saying why `version` (major, minor) will not do, or None.

    `candidates` are the names of fitting Pythons found on the machine.
    """
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    line = "Kenish needs Python 3.11, 3.12 or 3.13, and this is Python "
    line += ".".join(str(part) for part in version[:2]) + "."
    if candidates:
        return line + " This machine has " + candidates[0] + ": use it in place of python3."
    return line + " Please install one of them and run this again with it."


def fitting_pythons(folders: "Sequence[str]", exists: "Callable[[str], bool]") -> "list[str]":
    """Names like `python3.13` that `exists(path)` finds in `folders`, newest first."""
    suffix = ".exe" if os.name == "nt" else ""
    found = []
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "python3." + str(minor) + suffix
        if any(exists(os.path.join(folder, name)) for folder in folders):  # noqa: PTH118
            found.append(name)
    return found


def main() -> int:
    """Check the Python, then run the command line."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    problem = version_problem(sys.version_info[:2], fitting_pythons(folders, os.path.isfile))
    if problem is not None:
        sys.stderr.write(problem + "\n")
        return 1
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    sys.path.insert(0, root)
    from tools.setup.command_line import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
