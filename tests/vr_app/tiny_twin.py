"""A twin of one room for tests of whole programs: walls, a sensor, an object, viewpoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scenes.bake.layer import bake_layer
from scenes.geometry import MATERIAL, MeshPart
from scenes.schema import (
    AlarmBand,
    Datastream,
    Layer,
    ObjectAction,
    Place,
    Scene,
    SceneObject,
    Sensor,
    Simulation,
    Spawn,
    Viewpoint,
)
from scenes.twin import save_scene
from scenes.walk import build_walk


def room_mesh(low: tuple[float, float, float], high: tuple[float, float, float]) -> MeshPart:
    """A closed room seen from the inside, rock on all sides."""
    corners = np.array(
        [[(high if bit else low)[axis] for axis, bit in enumerate(b)] for b in np.ndindex(2, 2, 2)]
    )
    quads = [(0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return MeshPart(
        corners,
        np.array(triangles, np.uint32),
        colours=np.full((8, 3), 150, np.uint8),
        materials=np.full(8, MATERIAL["rock"], np.uint8),
    )


def make_tiny_twin(folder: Path) -> Path:
    """Bake it into `folder`: a room of 30 x 20 x 5 m whose floor is z = 0."""
    bake_layer(folder / "tiles/drift", [room_mesh((-15, -10, 0), (15, 10, 5))], (0, 0, 0))
    stream = Datastream(
        id="co-1",
        property="co",
        unit="[ppm]",
        range=(0, 500),
        interval_s=0.5,
        bands=[AlarmBand(level="alarm", above=35, source="test")],
        simulation=Simulation(mean=100, noise=1),
    )
    cabinet = SceneObject(
        id="rescuer",
        kind="self_rescuer",
        title={"en": "Self-rescuer"},
        position=(0, 2.5, 1.6),
        azimuth_deg=180,
        states=["stored", "donned"],
        initial="stored",
        actions=[
            ObjectAction(
                id="don",
                title={"en": "Put on"},
                from_states=["stored"],
                to_state="donned",
                event="self_rescuer_donned",
            )
        ],
    )
    scene = Scene(
        name="tiny",
        fictional=True,
        layers=[Layer(id="drift", kind="drift")],
        places=[Place(id="room", title={"en": "Room"}, position=(0, 0, 0))],
        viewpoints=[
            Viewpoint(id="north", title={"en": "North"}, position=(0, 0, 1.65)),
            Viewpoint(id="corner", title={"en": "Corner"}, position=(12, 8, 1.65), azimuth_deg=225),
        ],
        sensors=[
            Sensor(id="co", title={"en": "CO"}, position=(3, 5, 1.5), datastreams=[stream]),
        ],
        objects=[cabinet],
        spawn=Spawn(position=(0, 0, 0)),
    )
    save_scene(folder, scene)
    build_walk(folder)
    return folder
