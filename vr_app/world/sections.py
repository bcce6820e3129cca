"""Section planes in the picture: what they cut away, and the rock that shows where they cut.

Bodies and workings are capped by the world shader, which shades what is inside of them; where
nothing is behind a cut, a sheet on the plane below the ground stands for the rock itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from panda3d.core import (
    CullBinManager,
    CullFaceAttrib,
    DepthTestAttrib,
    NodePath,
    PTA_LVecBase4f,
    Vec4,
)

from vr_app.world.geom import make_geom_node
from vr_app.world.layer_look import ROCK_TINT
from vr_app.world.lighting import load_shader

MOST: Final = 3  # sections at a time
CUTS: Final = 2 * MOST  # planes: a slab has two
SHEET_M: Final = 4000.0
SHEET_BIN: Final = "rock sheet"

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Section:
    """A plane through `point` (3,) in the scene frame, metres: what lies on the side of its unit
    `normal` (3,) is cut away. With a thickness only a slab behind the plane is left."""

    point: tuple[float, float, float]
    normal: tuple[float, float, float]
    thickness_m: float | None = None


def planes_of(sections: Sequence[Section]) -> npt.NDArray[np.float64]:
    """(k, 4) planes of at most MOST sections: a place p is cut away where p . xyz > w. A section
    whose normal is no direction cuts nothing."""
    rows = []
    for section in sections[:MOST]:
        normal = np.asarray(section.normal, np.float64)
        length = float(np.linalg.norm(normal))
        if length < 1e-9:
            continue
        normal = normal / length
        at = float(normal @ np.asarray(section.point, np.float64))
        rows.append([*normal, at])
        if section.thickness_m is not None:
            rows.append([*-normal, section.thickness_m - at])
    return np.asarray(rows, np.float64).reshape(-1, 4)


class SectionView:
    """The sections of one twin. Frame thread only."""

    def __init__(self, root: NodePath) -> None:
        self._root = root
        self._inputs = PTA_LVecBase4f.empty_array(CUTS)
        self._planes = np.zeros((0, 4))
        CullBinManager.get_global_ptr().add_bin(SHEET_BIN, CullBinManager.BT_fixed, 28)
        self._sheets: list[NodePath] = []
        root.set_shader_inputs(cuts=self._inputs, cut_count=0)

    @property
    def count(self) -> int:
        """How many planes cut."""
        return len(self._planes)

    def show(self, sections: Sequence[Section]) -> None:
        """Cut by these sections and no others; beyond the first MOST they are left out."""
        self._planes = planes_of(sections)
        for number, plane in enumerate(self._planes):
            self._inputs.set_element(number, Vec4(*(float(value) for value in plane)))
        self._root.set_shader_inputs(cuts=self._inputs, cut_count=len(self._planes))
        for sheet in self._sheets:
            sheet.remove_node()
        self._sheets = [self._make_sheet(number) for number in range(len(self._planes))]
        self._root.set_shader(load_shader("world", "CUTS" if len(self._planes) else ""))
        if len(self._planes):
            # The insides of things are what a section shows.
            self._root.set_attrib(CullFaceAttrib.make(CullFaceAttrib.M_cull_none), 10)
        else:
            self._root.clear_attrib(CullFaceAttrib)

    def _make_sheet(self, number: int) -> NodePath:
        normal = self._planes[number, :3]
        helper = np.eye(3)[int(np.abs(normal).argmin())]
        u = np.cross(helper, normal)
        u /= np.linalg.norm(u)
        v = np.cross(normal, u)
        corners = SHEET_M * np.array([-u - v, u - v, u + v, -u + v])
        node = make_geom_node("section sheet", corners, np.array([[0, 1, 2], [0, 2, 3]]))
        sheet = self._root.attach_new_node(node)
        sheet.set_shader(load_shader("section"), 10)
        sheet.set_shader_inputs(own=number, rock_tint=Vec4(*ROCK_TINT, 1.0))
        sheet.set_bin(SHEET_BIN, number)
        sheet.set_depth_write(False)
        sheet.set_attrib(DepthTestAttrib.make(DepthTestAttrib.M_less_equal))
        sheet.node().set_final(True)
        return sheet

    def update(self, eye: Vector) -> None:
        """Once a frame: the sheets reach as far as the eye does."""
        for plane, sheet in zip(self._planes, self._sheets, strict=True):
            away = float(plane[:3] @ eye - plane[3])
            sheet.set_pos(*(float(value) for value in eye - away * plane[:3]))
            sheet.hide() if away <= 0 else sheet.show()
