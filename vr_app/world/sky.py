"""The sky: a sphere around the eye, drawn behind everything."""

from __future__ import annotations

import numpy as np
from panda3d.core import CullBinManager, CullFaceAttrib, DepthTestAttrib, NodePath

from vr_app.world.geom import make_geom_node
from vr_app.world.lighting import SUN, load_shader

SKY_BIN = "sky"


def make_sky(root: NodePath) -> NodePath:
    """A sky under `root`; the caller moves it with the eye."""
    rings, sides = 12, 24
    polar, turn = np.meshgrid(np.linspace(0, np.pi, rings), np.linspace(0, 2 * np.pi, sides))
    positions = np.stack(
        [np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], axis=-1
    ).reshape(-1, 3)
    side, ring = np.meshgrid(np.arange(sides - 1), np.arange(rings - 1), indexing="ij")
    corner = (side * rings + ring).ravel()
    triangles = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + rings], axis=1),
            np.stack([corner + 1, corner + rings + 1, corner + rings], axis=1),
        ]
    )
    node = root.attach_new_node(make_geom_node("sky", positions * 10.0, triangles))
    node.set_shader(load_shader("sky"), 10)
    node.set_shader_inputs(sun_direction=SUN.normalized(), has_ground=1.0, dim=0.0)
    node.set_attrib(CullFaceAttrib.make(CullFaceAttrib.M_cull_none))
    # After everything solid: what is hidden by rock is then never shaded.
    CullBinManager.get_global_ptr().add_bin(SKY_BIN, CullBinManager.BT_fixed, 27)
    node.set_bin(SKY_BIN, 0)
    node.set_depth_write(False)
    node.set_attrib(DepthTestAttrib.make(DepthTestAttrib.M_less_equal))
    node.node().set_final(True)
    return node
