"""A twin folder on disk: reads and writes scene.yaml and sources.json, atomically.

Never bakes tiles (`scenes.bake`) and never looks inside them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scenes.errors import Refused
from scenes.schema import Scene

SCENE_FILE = "scene.yaml"
SOURCES_FILE = "sources.json"
MAX_SCENE_BYTES = 64 * 1024 * 1024
MAX_NESTING = 64  # of lists and maps in scene.yaml; ours has seven


@dataclass(frozen=True, slots=True)
class Twin:
    """A twin that was opened: its folder and its validated scene."""

    folder: Path
    scene: Scene


def read_scene(text: str, where: str) -> Scene:
    """Parse and validate scene.yaml's text; `where` names it in the error.

    Raises `Refused` with the line or the key that is wrong.
    """
    if len(text) > MAX_SCENE_BYTES:
        raise Refused("scene-too-large", file=where, limit=MAX_SCENE_BYTES // 1024**2)
    try:
        if text.startswith("{"):
            # As we write it: JSON, which is YAML too and read thirty times faster.
            try:
                return Scene.model_validate_json(text)
            except ValidationError as error:
                if error.errors()[0]["type"] != "json_invalid":
                    raise
        return Scene.model_validate(_read_yaml(text, where))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "scene"
        raise Refused("scene-invalid", file=where, key=key, reason=first["msg"]) from error


def _read_yaml(text: str, where: str) -> Any:
    import yaml  # 30 ms that only a hand-written scene needs

    # The C loader is 10 times faster on the networks of a large mine; both are safe loaders.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_NESTING:  # the C loader would overflow the stack
                line = event.start_mark.line + 1 if event.start_mark is not None else 0
                raise Refused("scene-not-yaml", file=where, line=line)
        return yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 0
        raise Refused("scene-not-yaml", file=where, line=line) from error
    except ValueError as error:  # a date that is none
        raise Refused("scene-not-yaml", file=where, line=0) from error


def open_twin(folder: Path | str) -> Twin:
    """Open a twin folder. Raises `Refused` if it is none or its scene.yaml is not valid."""
    folder = Path(folder)
    path = folder / SCENE_FILE
    if not path.is_file():
        raise Refused("scene-no-twin", folder=str(folder))
    if path.stat().st_size > MAX_SCENE_BYTES:
        raise Refused("scene-too-large", file=str(path), limit=MAX_SCENE_BYTES // 1024**2)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("scene-unreadable", file=str(path), reason=str(error)) from error
    return Twin(folder, read_scene(text, str(path)))


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves either the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def save_scene(folder: Path, scene: Scene) -> None:
    """Write scene.yaml, in the part of YAML that is JSON too: one line for each layer, place,
    sensor or object."""
    content = scene.model_dump(mode="json", exclude_defaults=True) | {"version": scene.version}
    lines = [f"{json.dumps(key)}: {_lined(value)}" for key, value in content.items()]
    write_atomically(folder / SCENE_FILE, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def _lined(value: Any) -> str:
    """JSON with one line for each item of a list of maps, networks' own lists included."""
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        return json.dumps(value, ensure_ascii=False)
    items = []
    for item in value:
        inner = [f"{json.dumps(key)}: {_lined(one)}" for key, one in item.items()]
        long = any("\n" in one for one in inner)
        items.append("{" + (",\n " if long else ", ").join(inner) + "}")
    return "[\n " + ",\n ".join(items) + "]"


def read_sources(folder: Path) -> dict[str, Any]:
    """What was imported into the twin: {layer id: {path, checksum, guesses, ...}}."""
    path = folder / SOURCES_FILE
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused("scene-unreadable", file=str(path), reason=str(error)) from error
    return content if isinstance(content, dict) else {}


def save_sources(folder: Path, sources: dict[str, Any]) -> None:
    """Write sources.json."""
    text = json.dumps(sources, ensure_ascii=False, indent=1)
    write_atomically(folder / SOURCES_FILE, text.encode())
