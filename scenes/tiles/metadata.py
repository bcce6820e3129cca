"""What a tileset says about its layer beside the geometry: 3D Tiles 1.1 schema and metadata.

Values are kept as text and shown as they are; nothing here decides what they mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

Metadata = dict[str, str]

MAX_PROPERTIES: Final = 64
MAX_TEXT: Final = 1000  # letters of one value
_CLASS: Final = "layer"
_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")  # as 3D Tiles names properties


def bounded(values: Mapping[str, object]) -> Metadata:
    """What of `values` can be kept: properties with a usable name, as text, not too many or long.

    A list or an object becomes JSON; what is neither that nor a plain value is left out.
    """
    kept: Metadata = {}
    for name, value in values.items():
        if len(kept) == MAX_PROPERTIES:
            break
        if not isinstance(name, str) or _NAME.fullmatch(name) is None or value is None:
            continue
        try:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            continue
        # It comes to terminals and pages: no control characters, whoever wrote it.
        kept[name] = "".join(c if c.isprintable() else " " for c in text[:MAX_TEXT])
    return kept


def metadata_json(values: Metadata) -> dict[str, Any]:
    """The keys of a tileset.json that carry them; none where there is nothing to say."""
    if not values:
        return {}
    properties = {name: {"type": "STRING"} for name in values}
    return {
        "schema": {"id": "kenish", "classes": {_CLASS: {"properties": properties}}},
        "metadata": {"class": _CLASS, "properties": dict(values)},
    }


def metadata_of(document: object) -> Metadata:
    """What a parsed tileset.json says of itself, ours or another's; empty where nothing is."""
    found = document.get("metadata") if isinstance(document, dict) else None
    properties = found.get("properties") if isinstance(found, dict) else None
    return bounded(properties) if isinstance(properties, dict) else {}
