"""Reads drill files: YAML to a checked `Drill`, with the line of every key and every error.

Never runs anything found in a file, and never looks outside the drill's own folder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from curricula.errors import Refused
from curricula.schema import Drill

DRILL_FILE: Final = "drill.yaml"
DRILLS_FOLDER: Final = Path(__file__).parent / "drills"
MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 20


@dataclass(frozen=True, slots=True)
class DrillFile:
    """A drill that was read: where it lies, what it says, and the line of each key.

    `lines` maps a dotted key ("lanes.crew.steps.0.say") to its line, counted from 1.
    """

    path: Path
    drill: Drill
    digest: str
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder that holds the drill and its `LANG.ftl` files."""
        return self.path.parent

    def line(self, key: str) -> int:
        """The line of a key, or of the nearest one above it."""
        return nearest_line(self.lines, key)


def nearest_line(lines: dict[str, int], key: str) -> int:
    """The line of `key`, or of the nearest key above it; 1 where none is known."""
    while key:
        if key in lines:
            return lines[key]
        key = key.rpartition(".")[0]
    return 1


def _walk(node: yaml.Node, key: str, lines: dict[str, int], depth: int) -> None:
    lines.setdefault(key, node.start_mark.line + 1)
    if depth > MAX_DEPTH:
        raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=node.start_mark)
    prefix = f"{key}." if key else ""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            child = f"{prefix}{name.value}"
            if child in lines:
                raise yaml.MarkedYAMLError(
                    problem=f"the key '{name.value}' stands twice", problem_mark=name.start_mark
                )
            lines[child] = name.start_mark.line + 1
            _walk(value, child, lines, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _walk(value, f"{prefix}{number}", lines, depth + 1)


def parse_drill(text: str, path: Path) -> DrillFile:
    """Parse and check a drill's text; `path` names it in errors.

    Raises `Refused` with file, line and key of the first thing that is wrong.
    """
    lines: dict[str, int] = {}
    try:
        # Aliases could make a small file huge; drills have no use for them.
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken):
                raise yaml.MarkedYAMLError(
                    problem="YAML aliases are not taken", problem_mark=token.start_mark
                )
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise Refused("drill-file-empty", file=str(path))
        _walk(node, "", lines, 0)
        content: Any = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise Refused(
            "drill-file-not-yaml",
            file=str(path),
            line=mark.line + 1 if mark is not None else 1,
            reason=getattr(error, "problem", None) or type(error).__name__,
        ) from error
    try:
        drill = Drill.model_validate(content)
    except ValidationError as error:
        raise _invalid(error, lines, path) from error
    return DrillFile(path, drill, digest(drill), lines)


def _invalid(error: ValidationError, lines: dict[str, int], path: Path) -> Refused:
    first = error.errors(include_url=False)[0]
    # A discriminated union puts its tag ("ramp") into the location; it is no key of the file.
    parts: list[str] = []
    for part in first["loc"]:
        known = ".".join([*parts, str(part)])
        if known in lines or (isinstance(part, str) and part == first["loc"][-1]):
            parts.append(str(part))
    key = ".".join(parts) or "drill"
    return Refused(
        "drill-file-unknown-key" if first["type"] == "extra_forbidden" else "drill-file-invalid",
        file=str(path),
        line=nearest_line(lines, key),
        key=key,
        reason=first["msg"].removeprefix("Value error, "),
    )


def digest(drill: Drill) -> str:
    """A fingerprint of what the drill says (not of its comments): SHA-256, hexadecimal."""
    content = json.dumps(drill.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def load_drill(path: Path | str) -> DrillFile:
    """Read a drill from its file, its folder, or the name of a bundled one ("fire_and_co").

    Raises `Refused` if there is none or if it is not valid.
    """
    given = str(path)
    path = Path(path)
    if not path.exists() and given.isidentifier():
        path = DRILLS_FOLDER / given
    if path.is_dir():
        path = path / DRILL_FILE
    if not path.is_file():
        raise Refused("drill-file-missing", file=given, known=" ".join(bundled_drills()))
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Refused("drill-file-too-large", file=str(path), limit=MAX_BYTES // 1024)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("drill-file-unreadable", file=str(path), reason=str(error)) from error
    return parse_drill(text, path)


def bundled_drills() -> list[str]:
    """The names of the drills that come with Kenish."""
    return sorted(path.parent.name for path in DRILLS_FOLDER.glob(f"*/{DRILL_FILE}"))
