"""Lays out what a tile draws again and again as one plain primitive, within bounds.

Pure arrays; it never reads a file.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenes.tiles.shape import TileGeometry

MAX_UNFOLDED = 4_000_000  # vertices or corners that the instances of one primitive may come to


def unfolded(geometry: TileGeometry) -> TileGeometry:
    """The primitive with a copy of its own for each instance; itself where it has none.

    Raises ValueError where that is more than Kenish draws.
    """
    if geometry.instances is None:
        return geometry
    count, own = len(geometry.instances), len(geometry.positions)
    if count * max(own, len(geometry.indices)) > MAX_UNFOLDED:
        raise ValueError(f"{count} instances of {own} vertices are more than Kenish draws")
    turns = geometry.instances[:, :3, :3]
    moves = geometry.instances[:, None, :3, 3]
    positions = np.einsum("kij,nj->kni", turns, geometry.positions) + moves
    normals = None
    if geometry.normals is not None:
        # Scaled differently along its axes a normal turns the other way: the inverse transpose.
        across = np.linalg.pinv(turns).transpose(0, 2, 1)
        turned = np.einsum("kij,nj->kni", across, geometry.normals.astype(np.float32))
        turned /= np.maximum(np.linalg.norm(turned, axis=2, keepdims=True), 1e-9)
        normals = np.rint(turned * 127).astype(np.int8).reshape(-1, 3)
    offsets = np.arange(count, dtype=np.uint32)[:, None] * np.uint32(own)
    indices = geometry.indices[None] + offsets
    mirrored = np.linalg.det(turns) < 0
    if geometry.primitive == "triangles" and mirrored.any():
        corners = indices.reshape(count, -1, 3)
        corners[mirrored] = corners[mirrored][..., ::-1]
    texcoords, values = geometry.texcoords, geometry.field
    return replace(
        geometry,
        positions=positions.astype(np.float32).reshape(-1, 3),
        indices=indices.ravel(),
        normals=normals,
        colours=np.tile(geometry.colours, (count, 1)),
        materials=np.tile(geometry.materials, count),
        texcoords=None if texcoords is None else np.tile(texcoords, (count, 1)),
        field=None if values is None else np.tile(values, count),
        instances=None,
    )
