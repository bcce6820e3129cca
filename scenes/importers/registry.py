"""The one list of formats: which file is read by which importer, and which are refused and why.

`read_file` is the boundary: whatever a reader or a library does, its caller gets `Imported` or
`Refused` with the file's name.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from scenes.errors import Refused
from scenes.importers.contract import Imported, ImportOptions, Reader
from scenes.importers.settle import settle

LOG = logging.getLogger(__name__)
_HEAD_BYTES = 512


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name, its file endings, how its first bytes look, and its module."""

    name: str
    suffixes: tuple[str, ...]
    module: str
    recognise: Callable[[bytes], bool] | None = None


def _ascii_stl(head: bytes) -> bool:
    return head.lstrip()[:5].lower() == b"solid" and b"\0" not in head


FORMATS: Final = (
    Format("glTF", (".glb", ".gltf"), "gltf", lambda head: head[:4] == b"glTF"),
    Format("PLY", (".ply",), "ply", lambda head: head[:4] in {b"ply\n", b"ply\r"}),
    Format("STL", (".stl",), "stl", _ascii_stl),
    Format("COLLADA", (".dae",), "dae", lambda head: b"<COLLADA" in head),
    Format("OMF 1", (".omf",), "omf1", lambda head: head[:4] == b"\x84\x83\x82\x81"),
    Format("OMF 2", (".omf",), "omf2", lambda head: head[:4] == b"PK\x03\x04"),
    Format("Survex 3D", (".3d",), "survex", lambda head: head[:20] == b"Survex 3D Image File"),
    Format("OBJ", (".obj",), "obj"),
)

# What a file of another program is, and what to export from it instead.
UNUSABLE: Final[dict[str, str]] = {
    ".duf": "import-use-deswik",
    ".00t": "import-use-vulcan",
    ".00g": "import-use-vulcan",
    ".dgd": "import-use-vulcan",
    ".bmf": "import-use-vulcan",
    ".dm": "import-use-datamine",
    ".dmx": "import-use-datamine",
    ".msh": "import-use-leapfrog",
    ".lfm": "import-use-leapfrog",
    ".aproj": "import-use-leapfrog",
    ".dtm": "import-use-surpac",
    ".str": "import-use-surpac",
    ".mdl": "import-use-surpac",
    ".dxf": "import-use-cad",
    ".dwg": "import-use-cad",
    ".dgn": "import-use-cad",
    ".ifc": "import-use-cad",
    ".skp": "import-use-model",
    ".fbx": "import-use-model",
    ".3ds": "import-use-model",
    ".blend": "import-use-model",
    ".max": "import-use-model",
    ".usdz": "import-use-model",
    ".las": "import-use-cloud",
    ".laz": "import-use-cloud",
    ".e57": "import-use-cloud",
    ".pcd": "import-use-cloud",
    ".rcp": "import-use-cloud",
    ".pts": "import-use-cloud",
    ".xyz": "import-use-cloud",
    ".tif": "import-use-terrain",
    ".tiff": "import-use-terrain",
    ".asc": "import-use-terrain",
    ".svx": "import-use-survex",
    ".th": "import-use-survex",
    ".zip": "import-use-unpacked",
    ".3tz": "import-use-add-layer",
    ".json": "import-use-add-layer",
}


def known_endings() -> str:
    """The file endings that are read, for messages."""
    return " ".join(dict.fromkeys(suffix for one in FORMATS for suffix in one.suffixes))


def detect(path: Path) -> Format:
    """The format of a file, by its first bytes and then by its ending.

    Raises `Refused` for formats that are known to be unusable here, and for unknown ones.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    suffix = path.suffix.lower()
    recognised = [one for one in FORMATS if one.recognise is not None and one.recognise(head)]
    named = [one for one in FORMATS if suffix in one.suffixes]
    for one in recognised:
        # A zip is an OMF 2 only where it is called so; other signatures speak for themselves.
        if one in named or (one.name != "OMF 2" and suffix not in UNUSABLE):
            return one
    if suffix in UNUSABLE:
        raise Refused(UNUSABLE[suffix], suffix=suffix)
    if named:
        if not head:
            raise Refused("import-no-bytes")
        return named[0]
    raise Refused("import-unknown-format", suffix=suffix or "-", known=known_endings())


def format_name(path: Path) -> str:
    """The format's name for reports, also where the file is refused."""
    try:
        return detect(path).name
    except (Refused, OSError):
        return path.suffix.lower().removeprefix(".") or "unknown"


def _reader(one: Format) -> Reader:
    module = importlib.import_module(f"scenes.importers.{one.module}")
    reader: Reader = module.read
    return reader


def read_file(path: Path, options: ImportOptions) -> Imported:
    """Read, judge and repair one file. Raises nothing but `Refused`, which names the file."""
    try:
        if not path.is_file():
            raise Refused("import-no-file")
        one = detect(path)
        # Broken numbers are dealt with by the repairs; numpy need not print about them.
        with np.errstate(all="ignore"):
            return settle(_reader(one)(path, options), options, one.name)
    except Refused as error:
        raise Refused(error.message_id, **({"file": path.name} | error.arguments)) from error
    except ModuleNotFoundError as error:
        raise Refused("import-no-library", file=path.name, name=str(error.name)) from error
    except (MemoryError, RecursionError) as error:
        raise Refused("import-no-memory", file=path.name) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused("import-unreadable", file=path.name, reason=reason) from error
    except Exception as error:
        # A file made to break a parser must not end the program; the log keeps the cause.
        LOG.info("reading %s failed", path, exc_info=True)
        detail = f"{type(error).__name__}: {error}"[:160]
        raise Refused("import-damaged", file=path.name, detail=detail) from error
