"""Assembles scene.yaml of the synthetic mine: layers, viewpoints and all that the other modules
name.

Geometry is not made here.
"""

from __future__ import annotations

import numpy as np

from scenes.geometry import Float64s
from scenes.schema import Frame, Layer, LayerField, Scene, Spawn, Titles, Viewpoint
from scenes.synthetic.bodies import GRADE_RANGE
from scenes.synthetic.drainage import drainage
from scenes.synthetic.instruments import Instruments
from scenes.synthetic.layout import FOOTWALL_X, REFUGE_Y, SUMP_Y
from scenes.synthetic.objects import make_objects
from scenes.synthetic.parameters import MineParameters
from scenes.synthetic.places import Ground, Point, make_places, titles
from scenes.synthetic.travel import travel
from scenes.synthetic.ventilation import ventilation

EYE = 1.65
SPAWN_CHAINAGE = 40.0

NOTE = titles(
    "Fictional mine; all values simulated.",
    "Вымышленный рудник; все значения смоделированы.",
    "Ойдан шығарылған кеніш; барлық мәндер модельденген.",
    "架空の鉱山です。数値はすべてシミュレーションです。",
)


def make_layers() -> list[Layer]:
    """The layers, ground first. The mine is fictional, so that visitors see it whole; but for the
    ore body, which shows what it is like when a layer is not for everybody."""
    layers = [
        Layer(id="terrain", kind="terrain", title=titles("Ground", "Рельеф", "Жер бедері", "地形")),
        Layer(id="pit", kind="terrain", title=titles("Open pit", "Карьер", "Карьер", "露天採掘場")),
        Layer(id="drifts", kind="drift",
              title=titles("Drifts", "Выработки", "Қазбалар", "坑道")),
        Layer(id="stopes", kind="stope", walkable=False,
              title=titles("Stopes", "Очистные камеры", "Тазарту камералары", "採掘場")),
        Layer(id="paste", kind="stope", walkable=False,
              title=titles("Paste fill", "Закладка", "Толтырма", "充填体")),
        Layer(id="ore", kind="ore", visible=False, opacity=0.4, walkable=False, access="restricted",
              title=titles("Ore body", "Рудное тело", "Кен денесі", "鉱体"),
              field=LayerField(range=GRADE_RANGE, unit="%", title=titles(
                  "Copper (simulated)", "Медь (смоделировано)", "Мыс (модельденген)",
                  "銅（シミュレーション）"))),
        Layer(id="support", kind="structure", walkable=False,
              title=titles("Ground support", "Крепь", "Бекітпе", "支保")),
        Layer(id="services", kind="structure", walkable=False,
              title=titles("Services", "Коммуникации", "Коммуникациялар", "配管・設備")),
        Layer(id="water", kind="water", walkable=False,
              title=titles("Water", "Вода", "Су", "水")),
        Layer(id="equipment", kind="equipment", walkable=False,
              title=titles("Machines", "Машины", "Машиналар", "機械")),
        Layer(id="plant", kind="structure",
              title=titles("Surface plant", "Поверхностный комплекс", "Жер үсті кешені",
                           "地上施設")),
    ]  # fmt: skip
    public = {"access": "public"}
    return [one.model_copy(update=public) if one.id != "ore" else one for one in layers]


def make_scene(parameters: MineParameters, ground: Ground, instruments: Instruments) -> Scene:
    """The whole scene."""
    places = make_places(ground)
    foot = ground.on_way("decline-2", SPAWN_CHAINAGE)
    azimuth = azimuth_of(ground.layout.ways["decline-2"].along(SPAWN_CHAINAGE)[0])
    return Scene(
        name=parameters.name,
        title=parameters.title,
        note=NOTE,
        fictional=True,
        frame=Frame(crs="local", origin=parameters.origin, vertical_reference="mine datum",
                    grid_name="Tulparzer mine grid (fictional)"),
        layers=make_layers(),
        places=places,
        viewpoints=make_viewpoints(ground),
        networks=[drainage(ground), ventilation(ground), travel(ground, parameters.pit, places)],
        sensors=instruments.sensors,
        objects=make_objects(ground),
        spawn=Spawn(position=foot, azimuth_deg=azimuth),
    )  # fmt: skip


def azimuth_of(direction: Float64s) -> float:
    """Grid azimuth of a horizontal direction, degrees."""
    return round(float(np.degrees(np.arctan2(direction[0], direction[1])) % 360), 2)


def _stand(foot: Point) -> Point:
    return (foot[0], foot[1], round(foot[2] + EYE, 3))


def _towards(eye: Point, target: tuple[float, float, float]) -> tuple[float, float]:
    """Azimuth and pitch from the eye to the target, degrees."""
    d = np.subtract(target, eye)
    pitch = float(np.degrees(np.arctan2(d[2], np.hypot(d[0], d[1]))))
    return azimuth_of(d), round(pitch, 2)


def make_viewpoints(ground: Ground) -> list[Viewpoint]:
    """Saved eyes that show the mine."""
    layout, site = ground.layout, ground.site
    low = layout.levels[-1]
    two, one = layout.portals["portal-2"], layout.portals["portal-1"]

    def look(id_: str, title: Titles, eye: Point, target: tuple[float, float, float],
             fly: bool = False) -> Viewpoint:  # fmt: skip
        azimuth, pitch = _towards(eye, target)
        return Viewpoint(id=id_, title=title, position=eye, azimuth_deg=azimuth, pitch_deg=pitch,
                         mode="fly" if fly else "walk")  # fmt: skip

    decline = layout.ways["decline-2"]
    ahead = decline.at(SPAWN_CHAINAGE + 25)[0] + [0, 0, 1.75]
    sump_eye = _stand(ground.floor(FOOTWALL_X - 5.3, SUMP_Y + 0.2, low))
    post = ground.floor(FOOTWALL_X - 9.6, SUMP_Y + 1.0, low)
    loader = layout.ways["l2-b-drive"].at(38.0)[0]
    stope = next(s for s in layout.stopes if s.state == "open" and s.floor < layout.levels[1])
    draw = layout.ways[stope.id.replace("stope", "drawpoint")]
    station = layout.ways["l1-access-north"]
    return [
        look("overview", titles("From the air", "С воздуха", "Әуеден", "上空から"),
             (560.0, -700.0, site.rim + 295.0), (328.0, -140.0, site.rim - 40.0), True),
        look("decline", titles("In the decline", "В съезде", "Түсу жолында", "斜坑内"),
             _stand(ground.on_way("decline-2", SPAWN_CHAINAGE, 0.2)), tuple(ahead)),
        look("sump", titles("Main sump", "Главный водосборник", "Бас су жинағыш", "主ポンド"),
             sump_eye, (post[0] - 0.6, post[1] - 0.55, post[2] + 1.05)),
        look("portal", titles("Portal 2", "Портал 2", "2-портал", "坑口 2"),
             (two[0] + 24.0, two[1] - 3.0, round(two[2] - 0.29 + EYE, 3)),
             (two[0], two[1], two[2] + 3.0)),
        look("portal-pit", titles("Portal 1", "Портал 1", "1-портал", "坑口 1"),
             _stand(ground.pit_floor(one[0] - 24.0, one[1] + 3.0)), (one[0], one[1], one[2] + 3.0)),
        look("drive", titles("Ore drive", "Рудный штрек", "Кен қазбасы", "鉱石坑道"),
             _stand(ground.on_way("l2-b-drive", 26.0, -0.3)),
             (float(loader[0]), float(loader[1]), float(loader[2]) + 1.2)),
        look("stope", titles("Open stope", "Очистная камера", "Тазарту камерасы", "採掘場"),
             _stand(ground.on_way(draw.id, draw.length - 2.2)),
             (stope.centre[0], stope.centre[1], stope.floor + 5.0)),
        look("refuge", titles("Refuge", "Камера спасения", "Паналау камерасы", "避難所"),
             _stand(ground.floor(FOOTWALL_X - 0.8, REFUGE_Y - 1.0, layout.levels[0])),
             (FOOTWALL_X + 6.0, REFUGE_Y, layout.levels[0] + 1.5)),
        look("pit", titles("Open pit", "Карьер", "Карьер", "露天採掘場"),
             (-60.0, -site.pit_radius - 22.0, site.rim + 14.0), (8.0, 10.0, site.pit_bottom + 6),
             True),
        look("together", titles("At the station", "На околоствольном дворе", "Қазба алаңында",
                                "坑道広場にて"),
             _stand(ground.on_way(station.id, 8.0, 0.3)),
             tuple(station.at(14.0)[0] + [0, 0, 1.5])),
        look("dam", titles("Tailings dam", "Хвостохранилище", "Қалдық қоймасы", "鉱さいダム"),
             (560.0, -370.0, site.rim + 30.0), (675.0, -170.0, site.pad["dam"].z + 6), True),
        look("mill", titles("Mill", "Фабрика", "Фабрика", "選鉱場"),
             (370.0, -190.0, site.pad["mill"].z + 28.0), (446.0, -85.0, site.pad["mill"].z + 5),
             True),
        look("wtp", titles("Water treatment", "Очистка воды", "Су тазарту", "水処理場"),
             (210.0, -425.0, site.pad["wtp"].z + 26.0), (225.0, -345.0, site.pad["wtp"].z), True),
    ]  # fmt: skip
