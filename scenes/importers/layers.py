"""Names the layers that an imported file becomes, and gathers its parts into them.

Touches no disk.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass, field

from scenes.geometry import BlockPart, LinePart, MeshPart, Part, PartKind, PointPart
from scenes.importers.contract import LayerKind, NamedPart

_LONGEST = 60
_MOST_ELEMENTS = 200
_FLAT_KINDS = {"geology", "ore", "plan", "survey", "water"}
_ORDER: tuple[PartKind, ...] = ("mesh", "blocks", "points", "lines")


@dataclass(slots=True)
class LayerPlan:
    """A layer to bake."""

    id: str
    title: str
    kind: LayerKind
    content: PartKind
    hidden: bool = False
    parts: list[Part] = field(default_factory=list)
    blocks: list[BlockPart] = field(default_factory=list)  # whole block models, to be stored

    @property
    def walkable(self) -> bool:
        """Whether people stand on it: meshes that are rock, not geology or plans."""
        return self.content == "mesh" and self.kind not in _FLAT_KINDS


def layer_id(name: str) -> str:
    """`name` as a layer id: lower case ASCII, digits, dots, dashes. Names in other scripts get a
    checksum; the title keeps them readable."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9_.-]+", "-", plain).strip("-._")
    if len(re.sub(r"[^\w]", "", slug)) < len(re.sub(r"[^\w]", "", name)) / 2 or not slug:
        slug = f"{slug}-{zlib.crc32(name.encode()):08x}".strip("-")
    return slug[:_LONGEST].strip("-._")


def content_of(part: Part) -> PartKind:
    """The layer content that a part is."""
    if isinstance(part, MeshPart):
        return "mesh"
    if isinstance(part, PointPart):
        return "points"
    if isinstance(part, LinePart):
        return "lines"
    assert isinstance(part, BlockPart)
    return "blocks"


def plan_layers(name: str, parts: list[NamedPart]) -> list[LayerPlan]:
    """One layer for each element and content. The file's main geometry gets `name` itself."""
    elements = list(dict.fromkeys(named.element for named in parts))
    merged = len(elements) > _MOST_ELEMENTS
    only = len(elements) == 1
    groups: dict[tuple[str, PartKind], list[NamedPart]] = {}
    for named in parts:
        element = "" if merged or only else named.element
        groups.setdefault((element, content_of(named.part)), []).append(named)
    base = layer_id(name)
    plans: list[LayerPlan] = []
    taken: set[str] = set()
    for (element, content), members in sorted(
        groups.items(), key=lambda item: (elements.index(item[0][0]) if item[0][0] in elements
                                          else 0, _ORDER.index(item[0][1]))
    ):  # fmt: skip
        wanted = base if not element else f"{base}.{layer_id(element)}"[:_LONGEST]
        if wanted in taken:
            wanted = f"{wanted}-{content}"
        number = 2
        unique = wanted
        while unique in taken:
            unique, number = f"{wanted}-{number}", number + 1
        taken.add(unique)
        plans.append(
            LayerPlan(
                unique,
                name if not element else f"{name}: {element}",
                members[0].kind,
                content,
                all(member.hidden for member in members),
                [member.part for member in members],
                [member.stored for member in members if member.stored is not None],
            )
        )
    return plans
