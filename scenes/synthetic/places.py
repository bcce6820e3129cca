"""Named places of the synthetic mine, titled in four languages, on the floor or the ground.

Positions come from the layout, the site and the rough floor. Networks and sensors refer to their
ids.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from scenes.schema import Place, Titles
from scenes.synthetic.layout import FOOTWALL_X, HOLDING_Y, RAISE_X, RAISE_Y, SUMP_Y, Layout
from scenes.synthetic.look import hot_spot
from scenes.synthetic.site import Site
from scenes.synthetic.void import Void

Point = tuple[float, float, float]


def titles(en: str, ru: str, kk: str, ja: str) -> Titles:
    """A title in the four languages."""
    return {"en": en, "ru": ru, "kk": kk, "ja": ja}


class Ground:
    """Puts points on the floor underground or on the surface."""

    def __init__(self, layout: Layout, site: Site, void: Void) -> None:
        self.layout = layout
        self.site = site
        self.void = void

    def floor(self, x: float, y: float, z: float) -> Point:
        """The point of the floor below (x, y, z + 1.2), which must be in the air."""
        height = self.void.floor_below(np.array([[x, y, z + 1.2]]))[0]
        return (round(x, 3), round(y, 3), round(float(height), 3))

    def on_way(self, name: str, chainage: float, right: float = 0.0) -> Point:
        """The floor beside a way at a chainage."""
        x, y, z = (float(v) for v in self.layout.ways[name].beside(chainage, right, 0.0)[0])
        return self.floor(x, y, z)

    def outside(self, x: float, y: float) -> Point:
        """The ground at (x, y)."""
        return (round(x, 3), round(y, 3), round(float(self.site.height(np.array([[x, y]]))[0]), 3))

    def pit_floor(self, x: float, y: float) -> Point:
        """The floor of the pit at (x, y)."""
        return (round(x, 3), round(y, 3), round(self.site.pit_bottom, 3))


def make_places(ground: Ground) -> list[Place]:
    """Every place."""
    return [*_underground(ground), *_levels(ground), *_surface(ground)]


def _underground(ground: Ground) -> list[Place]:
    layout = ground.layout
    hot = hot_spot(layout)
    found = [
        _place("decline-1", "decline", ground.on_way("decline-1", 120.0), 10,
               titles("Decline 1", "Наклонный съезд 1", "1-көлбеу түсу жолы", "斜坑 1")),
        _place("decline-2", "decline", ground.on_way("decline-2", 60.0), 10,
               titles("Decline 2", "Наклонный съезд 2", "2-көлбеу түсу жолы", "斜坑 2")),
        _place("pump-station", "pump", ground.floor(FOOTWALL_X - 5.0, SUMP_Y, layout.levels[-1]), 5,
               titles("Pump station", "Насосная станция", "Сорғы станциясы", "ポンプ座"),
               layout.level_names[-1]),
        _place("holding-sump", "sump",
               ground.floor(FOOTWALL_X - 7, HOLDING_Y, layout.levels[-1]), 6,
               titles("Holding sump", "Аварийный водосборник", "Апаттық су жинағыш", "貯留ポンド"),
               layout.level_names[-1]),
        _place("main-fan", "fan", ground.floor(FOOTWALL_X + 5.5, RAISE_Y, layout.levels[1]), 6,
               titles("Main fan", "Главный вентилятор", "Бас желдеткіш", "主要扇風機"),
               layout.level_names[1]),
        _place("sulphide-wall", "drift",
               ground.floor(float(hot[0]) - 2.0, float(hot[1]) + 2.0, layout.levels[-1]), 8,
               titles("Sulphide wall", "Сульфидная стенка", "Сульфидті қабырға", "硫化物の露出壁"),
               layout.level_names[-1]),
    ]  # fmt: skip
    for stope in layout.stopes:
        if stope.state != "open":
            continue
        way = layout.ways[stope.id.replace("stope", "drawpoint")]
        number = stope.id.replace("-stope", "").upper().replace("-", " ")
        found.append(
            _place(stope.id, "stope", ground.on_way(way.id, 1.5), 6,
                   titles(f"Stope {number}", f"Очистная камера {number}",
                          f"Тазарту камерасы {number}", f"採掘場 {number}"), stope.level)
        )  # fmt: skip
    return found


def _levels(ground: Ground) -> list[Place]:
    layout = ground.layout
    found = []
    last = len(layout.levels) - 1
    for index, (z, name) in enumerate(zip(layout.levels, layout.level_names, strict=True)):
        key = f"l{index + 1}"
        found.append(
            _place(f"level-{key}", "level", ground.on_way(f"{key}-access-north", 12.0), 12,
                   titles(f"Level {name}", f"Горизонт {name}", f"{name} горизонты",
                          f"レベル {name}"), name)
        )  # fmt: skip
        main = index == last
        found.append(
            _place("main-sump" if main else f"sump-{key}", "sump",
                   ground.floor(FOOTWALL_X - 7.5, SUMP_Y, z), 7,
                   titles("Main sump", "Главный водосборник", "Бас су жинағыш", "主ポンド")
                   if main else
                   titles(f"Sump {name}", f"Водосборник {name}", f"{name} су жинағышы",
                          f"ポンド {name}"), name)
        )  # fmt: skip
        if f"{key}-refuge" in layout.ways:
            found.append(
                _place(f"refuge-{key}", "refuge", ground.on_way(f"{key}-refuge", 7.5), 5,
                       titles(f"Refuge {name}", f"Камера спасения {name}",
                              f"{name} паналау камерасы", f"避難所 {name}"), name)
            )  # fmt: skip
        if f"{key}-workshop" in layout.ways:
            found.append(
                _place(f"workshop-{key}", "workshop", ground.on_way(f"{key}-workshop", 5.0), 7,
                       titles(f"Workshop {name}", f"Мастерская {name}", f"{name} шеберханасы",
                              f"整備場 {name}"), name)
            )  # fmt: skip
    return found


def _surface(ground: Ground) -> list[Place]:
    site, layout = ground.site, ground.layout
    one, two = layout.portals["portal-1"], layout.portals["portal-2"]
    mill, dam, dump = site.pad["mill"], site.pad["dam"], site.pad["dump"]
    wtp, basin = site.pad["wtp"], site.pad["ponds"]
    river_x = 200.0
    river_y = float(site.river_y(river_x)) + 17.0
    return [
        _place("portal-1", "portal", ground.pit_floor(one[0] - 11, one[1]), 10,
               titles("Portal 1", "Портал 1", "1-портал", "坑口 1")),
        _place("portal-2", "portal", (two[0] + 9.0, two[1], round(two[2] - 0.108, 3)), 10,
               titles("Portal 2", "Портал 2", "2-портал", "坑口 2")),
        _place("pit", "pit", ground.pit_floor(-6.0, 4.0), 40,
               titles("Open pit", "Карьер", "Ашық карьер", "露天採掘場")),
        _place("raise", "raise", ground.outside(RAISE_X - 7.0, RAISE_Y - 9.0), 10,
               titles("Ventilation raise", "Вентиляционный восстающий", "Желдету өрлемесі",
                      "通気立坑")),
        _place("mill", "plant", ground.outside(mill.x - 20, mill.y - 26), 40,
               titles("Mill", "Обогатительная фабрика", "Байыту фабрикасы", "選鉱場")),
        _place("tailings-dam", "dam", (dam.x - 92.0, dam.y, round(dam.z + 11.0, 3)), 40,
               titles("Tailings dam", "Хвостохранилище", "Қалдық қоймасы", "鉱さいダム")),
        _place("seep", "dam", ground.outside(dam.x - 55.0, dam.y - 131.0), 12,
               titles("Seepage", "Фильтрация из дамбы", "Бөгеттен сүзілу", "浸透水")),
        _place("dump", "dump", ground.outside(dump.x + 118, dump.y + 8), 40,
               titles("Waste-rock dump", "Отвал пустой породы", "Бос жыныс үйіндісі",
                      "ズリ堆積場")),
        _place("wtp", "plant", ground.outside(wtp.x, wtp.y - 16), 20,
               titles("Water treatment plant", "Очистные сооружения", "Су тазарту қондырғысы",
                      "水処理場")),
        _place("ponds", "pond", ground.outside(basin.x + 20.0, basin.y + 21.0), 20,
               titles("Settling ponds", "Пруды-отстойники", "Тұндырғыш тоғандар", "沈殿池")),
        _place("river", "river", ground.outside(river_x, river_y), 20,
               titles("Aidahar river", "Река Айдахар", "Айдаһар өзені", "アイダハル川")),
    ]  # fmt: skip


def _place(
    id_: str,
    kind: Literal["portal", "level", "decline", "drift", "stope", "sump", "refuge", "fan", "raise",
                  "pump", "workshop", "plant", "pond", "dam", "dump", "pit", "river", "other"],
    position: Point, radius: float, title: Titles, level: str = "",
) -> Place:  # fmt: skip
    return Place(id=id_, kind=kind, title=title, position=position, radius_m=radius, level=level)
