"""Stands machines and fixed plant underground: loaders, trucks, pumps, fans, refuges, sensors.

Where things stand; their shapes are `machines`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from scenes.geometry import MeshPart
from scenes.schema import Sensor
from scenes.synthetic import machines
from scenes.synthetic.density import Density
from scenes.synthetic.instruments import Stand
from scenes.synthetic.layout import FOOTWALL_X, RAISE_X, RAISE_Y, REFUGE_Y, SUMP_Y, Layout
from scenes.synthetic.machines import placed
from scenes.synthetic.meshes import join
from scenes.synthetic.site import Site
from scenes.synthetic.solids import box, cylinder, tube


def equipment(layout: Layout, site: Site, density: Density) -> Iterator[MeshPart]:
    """Machines of the `equipment` layer, scene frame."""
    sides = max(10, density.sides * 2)
    levels = layout.levels
    loader, truck = machines.loader(sides), machines.truck(sides)
    drive = layout.ways["l2-b-drive"]
    at = drive.at(min(38.0, drive.length - 6))[0]
    yield placed(loader, 184.0, (float(at[0]) + 0.2, float(at[1]), float(at[2])))
    at = layout.ways["l2-access-south"].at(14.0)[0]
    yield placed(truck, 90.0, (float(at[0]), float(at[1]) - 0.9, float(at[2])))
    yield placed(loader, 266.0, (FOOTWALL_X + 11.5, REFUGE_Y - 0.4, levels[1]))
    yield placed(truck, 60.0, (4.0, 12.0, site.pit_bottom))
    yield placed(loader, 300.0, (16.0, 19.0, site.pit_bottom))
    road = site.roads[0].points
    middle = road[len(road) * 2 // 5]
    ahead = road[len(road) * 2 // 5 + 3] - middle
    azimuth = float(np.degrees(np.arctan2(ahead[0], ahead[1])))
    yield placed(truck, azimuth, (float(middle[0]), float(middle[1]) - 2.2, float(middle[2]) + 0.5))
    yard = site.pad["portal-yard"]
    yield placed(machines.pickup(sides), 200.0, (yard.x - 8.0, yard.y + 6.0, yard.z))
    yield placed(machines.pickup(sides), 20.0, (yard.x + 3.0, yard.y - 13.0, yard.z))


def fittings(layout: Layout, density: Density) -> Iterator[MeshPart]:
    """Fixed things underground, of the `services` layer: refuges, fans, pumps, barricades."""
    sides = max(8, density.sides + 4)
    for name in layout.refuges:
        z = float(layout.ways[name].points[0][2])
        yield placed(machines.refuge(sides), 90.0, (FOOTWALL_X + 5.2, REFUGE_Y, z))
    for index, z in enumerate(layout.levels):
        if index == 1:
            yield placed(machines.fan(sides), 90.0, (FOOTWALL_X + 10.5, RAISE_Y, z))
            yield _fan_wall(FOOTWALL_X + 10.3, z)
        else:
            yield placed(machines.barricade(), 90.0, (RAISE_X - 4.4, RAISE_Y, z))
            yield placed(machines.barricade(), 90.0, (RAISE_X - 4.8, RAISE_Y - 1.2, z))
    yield _pump_station(layout.levels[-1], sides)
    for name, way in layout.ways.items():
        if "workshop" in way.tags:
            x, z = FOOTWALL_X + 12.0, float(way.points[0][2])
            shelf = join(
                [box((x - 2 + 1.5 * i, REFUGE_Y + 2.3, z), (x - 0.7 + 1.5 * i, REFUGE_Y + 2.9,
                     z + 1.9), colour) for i, colour in enumerate(
                         ((46, 84, 128), (150, 60, 44), (120, 124, 120)))]
            )  # fmt: skip
            assert name
            yield shelf


def _fan_wall(x: float, z: float) -> MeshPart:
    """A concrete wall around the underground fan."""
    y, colour = RAISE_Y, (170, 168, 162)
    return join(
        [
            box((x, y - 3.1, z - 0.3), (x + 0.3, y - 0.95, z + 5.4), colour, "concrete"),
            box((x, y + 0.95, z - 0.3), (x + 0.3, y + 3.1, z + 5.4), colour, "concrete"),
            box((x, y - 0.95, z + 2.42), (x + 0.3, y + 0.95, z + 5.4), colour, "concrete"),
            box((x, y - 0.95, z - 0.3), (x + 0.3, y + 0.95, z + 0.58), colour, "concrete"),
            box((x - 0.08, y + 1.3, z), (x, y + 2.3, z + 2.0), (70, 96, 120)),
        ]
    )


def _pump_station(z: float, sides: int) -> MeshPart:
    """Two pumps by the main sump with suction, rising main, switchgear and light."""
    x, y = FOOTWALL_X - 6.4, SUMP_Y - 1.75
    pump = machines.pump(sides)
    green = (64, 128, 92)
    parts = [placed(pump, 270.0, (x, y, z)), placed(pump, 270.0, (x + 3.0, y, z))]
    for start in (x - 0.85, x + 2.15):
        suction = np.array(
            [
                (start, y, z + 0.55),
                (start - 1.6, y - 0.1, z + 0.5),
                (start - 3.4, y - 0.2, z + 0.2),
                (start - 8.0, y - 0.2, z - 1.1),
            ]
        )
        parts.append(tube(suction, 0.1, sides, (46, 46, 48), "plastic"))
        parts.append(cylinder((start + 0.23, y, z + 1.4), (start + 0.23, y, z + 2.25), 0.1, sides,
                              green, "paint"))  # fmt: skip
    rising = np.array([(x - 0.8, y, z + 2.25), (x + 2.6, y, z + 2.25), (x + 4.4, y, z + 2.27),
                       (x + 4.7, y + 0.2, z + 2.3), (x + 4.6, y + 4.0, z + 2.3)])  # fmt: skip
    parts.append(tube(rising, 0.12, sides, green, "paint"))
    for i in range(2):
        parts.append(box((x + 0.4 + 1.3 * i, SUMP_Y + 1.9, z), (x + 1.5 + 1.3 * i, SUMP_Y + 2.4,
                         z + 1.9), (150, 156, 152)))  # fmt: skip
        parts.append(box((x + 0.8 + 1.3 * i, SUMP_Y + 1.86, z + 1.4), (x + 1.1 + 1.3 * i,
                         SUMP_Y + 1.9, z + 1.6), (206, 60, 44)))  # fmt: skip
    rail = (214, 176, 52)
    for py in (SUMP_Y - 0.9, SUMP_Y + 0.9):
        parts.append(cylinder((x - 3.6, py, z - 0.3), (x - 3.6, py, z + 1.05), 0.03, 6, rail))
    parts.append(tube(np.array([(x - 3.6, SUMP_Y - 0.9, z + 1.05), (x - 3.6, SUMP_Y + 0.9,
                                z + 1.05)]), 0.025, 6, rail))  # fmt: skip
    return join(parts)


def posts(sensors: Iterable[Sensor], stands: dict[str, Stand], density: Density) -> MeshPart:
    """The box or post of every sensor."""
    sides = max(6, density.sides)
    return join(
        placed(machines.sensor_post(sides, stands[s.id].standing), stands[s.id].azimuth, s.position)
        for s in sensors
    )
