"""Exposed faces of block models: hidden ones are left out, the rest face outwards."""

from __future__ import annotations

import numpy as np
import pytest

from scenes.bake.blocks import block_colours, exposed_faces, exposed_mask
from scenes.geometry import BlockPart


def box(shape: tuple[int, int, int], axes: np.ndarray | None = None) -> BlockPart:
    """A full grid of blocks of 2 x 3 x 4 m."""
    local = (np.indices(shape).reshape(3, -1).T + 0.5) * (2.0, 3.0, 4.0)
    axes = np.eye(3) if axes is None else axes
    sizes = np.tile(np.array([2, 3, 4], np.float32), (len(local), 1))
    return BlockPart(local @ axes, sizes, axes)


def turned(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])


@pytest.mark.parametrize("angle", [0.0, 0.3, 2.0])
def test_only_the_outside_of_a_full_box_is_seen(angle: float) -> None:
    a, b, c = 5, 4, 3
    block = box((a, b, c), turned(angle))
    assert int(exposed_mask(block).sum()) == 2 * (a * b + b * c + c * a)
    mesh = exposed_faces(block)
    assert len(mesh.triangles) == 4 * (a * b + b * c + c * a)


def test_a_hole_inside_is_seen() -> None:
    block = box((3, 3, 3))
    kept = np.arange(27) != 13
    hollow = BlockPart(block.centres[kept], block.sizes[kept], block.axes)
    assert int(exposed_mask(hollow).sum()) == 54 + 6


def test_blocks_of_other_sizes_hide_nothing_wrongly() -> None:
    centres = np.array([[1.0, 1, 1], [2.5, 0.5, 0.5]])
    sizes = np.array([[2, 2, 2], [1, 1, 1]], np.float32)
    assert exposed_mask(BlockPart(centres, sizes, np.eye(3))).all()


@pytest.mark.parametrize("axes", [np.eye(3), turned(0.7), np.diag([1.0, 1.0, -1.0])])
def test_faces_enclose_the_volume_and_face_outwards(axes: np.ndarray) -> None:
    mesh = exposed_faces(box((3, 2, 2), axes))
    a, b, c = (mesh.positions[mesh.triangles[:, i]] for i in range(3))
    volume = float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
    assert volume == pytest.approx(3 * 2 * 2 * 2 * 3 * 4)
    assert mesh.normals is not None
    assert np.all((np.cross(b - a, c - a) * mesh.normals[mesh.triangles[:, 0]]).sum(axis=1) > 0)


def test_colours_follow_the_first_attribute() -> None:
    block = box((5, 1, 1))
    graded = BlockPart(
        block.centres, block.sizes, block.axes, {"Au": np.array([0.0, 1, 2, 3, np.nan])}
    )
    colours = block_colours(graded).astype(int)
    assert len({tuple(colour) for colour in colours}) == 5
    assert colours[3, 1] > colours[0, 1]
