"""Assembles scene.yaml of the synthetic mine from its layout and site."""

from __future__ import annotations

import numpy as np

from scenes.schema import Frame, Layer, Scene, Spawn, Viewpoint
from scenes.synthetic.layout import Layout
from scenes.synthetic.parameters import MineParameters
from scenes.synthetic.site import Site

EYE = 1.65


def make_scene(parameters: MineParameters, layout: Layout, site: Site) -> Scene:
    """The whole scene."""
    decline = layout.ways["decline-2"]
    start = decline.at(40.0)[0]
    ahead = decline.along(40.0)[0]
    azimuth = float(np.degrees(np.arctan2(ahead[0], ahead[1])) % 360)
    xyz = (float(start[0]), float(start[1]), float(start[2]))
    return Scene(
        name=parameters.name, title=parameters.title, fictional=True,
        frame=Frame(crs="local", origin=parameters.origin, grid_name="mine grid"),
        layers=[
            Layer(id="terrain", kind="terrain"), Layer(id="pit", kind="terrain"),
            Layer(id="drifts", kind="drift"), Layer(id="stopes", kind="stope"),
        ],
        viewpoints=[
            Viewpoint(id="overview", title={"en": "From the air"}, position=(420.0, -760.0, 420.0),
                      azimuth_deg=338.0, pitch_deg=-26.0, mode="fly"),
            Viewpoint(id="decline", title={"en": "Decline"}, azimuth_deg=azimuth,
                      position=(xyz[0], xyz[1], xyz[2] + EYE), pitch_deg=-4.0),
        ],
        spawn=Spawn(position=xyz, azimuth_deg=azimuth),
    )  # fmt: skip
