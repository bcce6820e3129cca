"""Where the nodes of a glTF scene stand, and where EXT_mesh_gpu_instancing draws them again.

Matrices only: it never reads a mesh.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.tiles.gltf_accessors import Accessors, unit

EXTENSION = "EXT_mesh_gpu_instancing"
MAX_NODES = 10_000


def transforms(
    translations: npt.NDArray[Any], rotations: npt.NDArray[Any], scales: npt.NDArray[Any]
) -> npt.NDArray[np.float64]:
    """(k, 4, 4) of translations (k, 3), unit quaternions x, y, z, w (k, 4) and scales (k, 3)."""
    x, y, z, w = np.asarray(rotations, np.float64).T
    matrices = np.zeros((len(translations), 4, 4))
    matrices[:, :3, 0] = np.stack(
        [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)], axis=1
    )
    matrices[:, :3, 1] = np.stack(
        [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)], axis=1
    )
    matrices[:, :3, 2] = np.stack(
        [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)], axis=1
    )
    matrices[:, :3, :3] *= np.asarray(scales, np.float64)[:, None, :]
    matrices[:, :3, 3] = translations
    matrices[:, 3, 3] = 1.0
    return matrices


def node_matrix(node: dict[str, Any]) -> npt.NDArray[np.float64]:
    """(4, 4) from the node to its parent."""
    if "matrix" in node:
        return np.asarray(node["matrix"], np.float64).reshape(4, 4).T
    if "rotation" not in node and "scale" not in node:
        matrix = np.eye(4)
        matrix[:3, 3] = node.get("translation", (0, 0, 0))
        return matrix
    parts = [(node.get("translation", (0, 0, 0)), 3), (node.get("rotation", (0, 0, 0, 1)), 4),
             (node.get("scale", (1, 1, 1)), 3)]  # fmt: skip
    rows = [np.asarray(value, np.float64).reshape(1, width) for value, width in parts]
    return np.asarray(transforms(*rows)[0], np.float64)


def instances(accessors: Accessors, node: dict[str, Any]) -> npt.NDArray[np.float64] | None:
    """(k, 4, 4) within the node's own frame, None where it is drawn once."""
    extension = node.get("extensions", {}).get(EXTENSION)
    if extension is None:
        return None
    named = extension["attributes"]
    found = {
        name: unit(*accessors.read(named[name])).astype(np.float64)
        for name in ("TRANSLATION", "ROTATION", "SCALE")
        if name in named
    }
    counts = {len(rows) for rows in found.values()}
    if len(counts) != 1:
        raise ValueError("instances without a place, or not of one number")
    count = counts.pop()
    result = transforms(
        found.get("TRANSLATION", np.zeros((count, 3))),
        found.get("ROTATION", np.tile([0.0, 0.0, 0.0, 1.0], (count, 1))),
        found.get("SCALE", np.ones((count, 3))),
    )
    if not np.isfinite(result).all():
        raise ValueError("an instance's place is not finite")
    return result


def placed_meshes(document: dict[str, Any]) -> list[tuple[dict[str, Any], npt.NDArray[np.float64]]]:
    """(node, its (4, 4) place in the file's frame) of every node of the default scene that has a
    mesh. Raises ValueError for nodes in a circle."""
    nodes = document.get("nodes", [])
    if document.get("scenes"):
        roots = document["scenes"][document.get("scene", 0)].get("nodes", [])
    else:
        inner = {int(child) for node in nodes for child in node.get("children", [])}
        roots = [number for number in range(len(nodes)) if number not in inner]
    found = []
    pending = [(int(number), np.eye(4)) for number in roots]
    visited = 0
    while pending:
        number, parent = pending.pop()
        visited += 1
        if visited > MAX_NODES:
            raise ValueError(f"more than {MAX_NODES:,} nodes, or nodes in a circle")
        node = nodes[number]
        matrix = parent @ node_matrix(node)
        children = node.get("children", [])
        if len(children) > MAX_NODES:
            raise ValueError(f"more than {MAX_NODES:,} nodes")
        pending += [(int(child), matrix) for child in children]
        if "mesh" in node:
            found.append((node, matrix))
    return found
