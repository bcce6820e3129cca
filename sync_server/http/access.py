"""Who may see which file of a twin: layers have an access level, files belong to layers.

Pure: it maps paths and roles and reads nothing. What belongs to no layer is for those only who may
see everything.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Final

from scenes.schema import Access, Layer, Scene
from sync_server.room.roles import ROLES
from sync_server.wire.messages import Role

_ORDER: Final[tuple[Access, ...]] = ("public", "project", "restricted")
_LEAST: Final[dict[Access, Role]] = {
    "public": "observer",
    "project": "trainee",
    "restricted": "engineer",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. Without a role it is somebody whom an open room would let in."""

    role: Role | None = None
    member: str = ""
    room: str = ""

    def may_see(self, access: Access) -> bool:
        """Whether a layer of that level is for them."""
        if self.role is None:
            return access == "public"
        return ROLES.index(self.role) >= ROLES.index(_LEAST[access])


class TwinAccess:
    """The access levels of one scene's files."""

    def __init__(self, scene: Scene) -> None:
        self._folders: dict[str, Access] = {}
        self._layers: dict[str, Access] = {}
        for layer in scene.layers:
            folder = posixpath.dirname(posixpath.normpath(layer.tileset_path))
            self._folders[folder] = _stricter(self._folders.get(folder), layer.access)
            self._layers[layer.id] = layer.access
        levels = [one.access for one in scene.layers if one.walkable]
        # The floor is made of all layers that people stand on, and shows where they are.
        self._walk: Access = max(levels, key=_ORDER.index, default="project")

    def of(self, path: str) -> Access:
        """The level of a file, by its path below the twin folder (already normalised)."""
        parts = path.split("/")
        if parts[0] == "walk":
            return self._walk
        if parts[0] == "overlays" and len(parts) > 1:
            name = parts[1] if len(parts) > 2 else parts[1].split(".")[0]
            return self._layers.get(name, "restricted")
        for length in range(len(parts) - 1, 0, -1):
            found = self._folders.get("/".join(parts[:length]))
            if found is not None:
                return found
        return "restricted"


def _stricter(one: Access | None, other: Access) -> Access:
    return other if one is None else max(one, other, key=_ORDER.index)


def shown_to(scene: Scene, viewer: Viewer) -> Scene:
    """The scene without the layers that are not for the viewer: only how many they are."""
    kept: list[Layer] = [one for one in scene.layers if viewer.may_see(one.access)]
    if len(kept) == len(scene.layers):
        return scene
    withheld = len(scene.layers) - len(kept)
    return scene.model_copy(update={"layers": kept, "withheld_layers": withheld})
