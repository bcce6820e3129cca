"""Sensors of the synthetic mine: where they stand, what they observe, their limits and simulation.

Every value is simulated and every limit names its source. It never reads a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.schema import AlarmBand, Datastream, Sensor, Simulation, Titles
from scenes.synthetic.layout import FOOTWALL_X, HOLDING_Y, RAISE_Y, SUMP_Y
from scenes.synthetic.places import Ground, Point, titles

NIOSH_CO = "NIOSH, IDLH 630080"
CFR_CH4 = "30 CFR 57.22232-22235 (US)"
MISSOURI_O2 = "Missouri 293.120 (US state)"
JAPAN_CO2 = "Japan, Ordinance on OSH art. 583"
JAPAN_PH = "Japan, effluent standard (table copy)"
JAPAN_AS = "Japan, effluent standard, env.go.jp (table copy)"
WHO_AS = "WHO drinking water 2022 (secondary)"
OURS = "training scenario, not a regulation"


@dataclass(frozen=True)
class Stand:
    """How an instrument is held: its display's grid azimuth, and the height of its post in metres
    (0: on the wall)."""

    azimuth: float
    standing: float


_TITLES: dict[str, Titles] = {
    "co": titles("Carbon monoxide", "Оксид углерода", "Көміртек тотығы", "一酸化炭素"),
    "o2": titles("Oxygen", "Кислород", "Оттек", "酸素"),
    "ch4": titles("Methane", "Метан", "Метан", "メタン"),
    "co2": titles("Carbon dioxide", "Диоксид углерода", "Көмірқышқыл газы", "二酸化炭素"),
    "air_velocity": titles("Air velocity", "Скорость воздуха", "Ауа жылдамдығы", "風速"),
    "temperature": titles("Temperature", "Температура", "Температура", "温度"),
    "ph": titles("pH", "pH", "pH", "pH"),
    "ec": titles("Conductivity", "Электропроводность", "Электр өткізгіштігі", "電気伝導率"),
    "arsenic": titles("Arsenic", "Мышьяк", "Күшән", "ヒ素"),
    "flow": titles("Flow", "Расход", "Шығын", "流量"),
    "level": titles("Water level", "Уровень воды", "Су деңгейі", "水位"),
    "pressure": titles("Pore pressure", "Поровое давление", "Кеуек қысымы", "間隙水圧"),
}
_KINDS: dict[str, tuple[str, int, tuple[float, float], list[AlarmBand]]] = {
    "co": ("[ppm]", 0, (0, 2000), [
        AlarmBand(level="warning", above=35, source=NIOSH_CO + ", TWA", verified=True),
        AlarmBand(level="alarm", above=200, source=NIOSH_CO + ", ceiling", verified=True)]),
    "o2": ("%", 1, (0, 25), [
        AlarmBand(level="alarm", below=19.5, source=MISSOURI_O2, verified=True)]),
    "ch4": ("%", 2, (0, 5), [
        AlarmBand(level="warning", above=0.5, source=CFR_CH4, verified=True),
        AlarmBand(level="alarm", above=1.0, source=CFR_CH4, verified=True)]),
    "co2": ("%", 2, (0, 5), [
        AlarmBand(level="alarm", above=1.5, source=JAPAN_CO2, verified=True)]),
    "air_velocity": ("m/s", 2, (0, 20), [
        AlarmBand(level="warning", below=0.25, source=OURS)]),
    "temperature": ("Cel", 1, (-40, 60), []),
    "ph": ("[pH]", 2, (0, 14), [
        AlarmBand(level="alarm", below=5.8, source=JAPAN_PH),
        AlarmBand(level="alarm", above=8.6, source=JAPAN_PH)]),
    "ec": ("uS/cm", 0, (0, 20000), [
        AlarmBand(level="alarm", above=2400, source=OURS + ": 2 x baseline")]),
    "arsenic": ("mg/L", 3, (0, 5), [
        AlarmBand(level="warning", above=0.01, source=WHO_AS),
        AlarmBand(level="alarm", above=0.1, source=JAPAN_AS, verified=True)]),
    "flow": ("m3/s", 4, (0, 5), []),
    "level": ("m", 2, (-5, 20), []),
    "pressure": ("kPa", 1, (0, 1000), [
        AlarmBand(level="warning", above=90, source=OURS),
        AlarmBand(level="alarm", above=110, source=OURS)]),
}  # fmt: skip


def _stream(sensor: str, kind: str, mean: float, amplitude: float, noise: float) -> Datastream:
    unit, decimals, limits, bands = _KINDS[kind]
    period = {"temperature": 3600.0, "level": 1800.0, "pressure": 2400.0}.get(kind, 600.0)
    return Datastream(
        id=f"{sensor}-{kind.replace('_', '-')}", property=kind, title=_TITLES[kind], unit=unit,
        decimals=decimals, range=limits, interval_s=5.0, bands=bands,
        simulation=Simulation(mean=mean, amplitude=amplitude, period_s=period, noise=noise),
    )  # fmt: skip


class Instruments:
    """Collects sensors with their stands."""

    def __init__(self, ground: Ground) -> None:
        self.sensors: list[Sensor] = []
        self.stands: dict[str, Stand] = {}
        self._ground = ground

    def add(
        self, id_: str, title: Titles, position: Point, azimuth: float, standing: float,
        values: dict[str, tuple[float, float, float]], place: str | None = None,
        drainage: str | None = None, ventilation: str | None = None,
    ) -> None:  # fmt: skip
        """A sensor at `position` with (mean, amplitude, noise) for each observed property."""
        streams = [_stream(id_, kind, *numbers) for kind, numbers in values.items()]
        x, y, z = (round(v, 3) for v in position)
        self.sensors.append(
            Sensor(id=id_, title=title, position=(x, y, z), place=place, drainage_node=drainage,
                   ventilation_node=ventilation, datastreams=streams)
        )  # fmt: skip
        self.stands[id_] = Stand(azimuth, standing)

    def on_wall(
        self, id_: str, title: Titles, way: str, chainage: float,
        values: dict[str, tuple[float, float, float]], place: str | None = None,
        ventilation: str | None = None,
    ) -> None:  # fmt: skip
        """A gas head on the left wall of a way, 1.75 m above the floor."""
        line = self._ground.layout.ways[way]
        x, y, z = (float(v) for v in line.beside(chainage, -(line.width / 2 - 0.12), 1.75)[0])
        ahead = line.along(chainage)[0]
        azimuth = float(np.degrees(np.arctan2(ahead[1], -ahead[0])) % 360)
        self.add(id_, title, (x, y, z), azimuth, 0.0, values, place, ventilation=ventilation)

    def on_post(
        self, id_: str, title: Titles, foot: Point, azimuth: float,
        values: dict[str, tuple[float, float, float]], place: str | None = None,
        drainage: str | None = None,
    ) -> None:  # fmt: skip
        """An instrument on a post 1.3 m above `foot`."""
        at = (foot[0], foot[1], foot[2] + 1.3)
        self.add(id_, title, at, azimuth, 1.3, values, place, drainage=drainage)


def _air(co: float, velocity: float, warm: float) -> dict[str, tuple[float, float, float]]:
    return {
        "co": (co, 1.5, 0.4), "o2": (20.7, 0.05, 0.03), "air_velocity": (velocity, 0.1, 0.05),
        "temperature": (warm, 0.4, 0.1),
    }  # fmt: skip


def make_instruments(ground: Ground) -> Instruments:
    """Every sensor of the mine."""
    result = Instruments(ground)
    _gas(result, ground)
    _underground_water(result, ground)
    _surface_water(result, ground)
    return result


def _gas(result: Instruments, ground: Ground) -> None:
    layout = ground.layout
    names = {1: ("1", "decline-1", 110.0), 2: ("2", "decline-2", 74.0)}
    for number, (label, way, chainage) in names.items():
        result.on_wall(
            f"gas-decline-{number}",
            titles(f"Gas head, decline {label}", f"Газоанализатор, съезд {label}",
                   f"Газ талдағыш, {label}-түсу жолы", f"ガス検知器 斜坑{label}"),
            way, chainage, _air(4.0, 1.9, 14.0), f"decline-{number}", f"v-portal-{number}",
        )  # fmt: skip
    for index, name in enumerate(layout.level_names):
        key = f"l{index + 1}"
        values = _air(7.0 + 2 * index, 0.9, 16.0 + 1.5 * index)
        if index == len(layout.levels) - 1:
            values |= {"ch4": (0.06, 0.03, 0.01), "co2": (0.35, 0.05, 0.02)}
        result.on_wall(
            f"gas-{key}",
            titles(f"Gas head, level {name}", f"Газоанализатор, горизонт {name}",
                   f"Газ талдағыш, {name} горизонты", f"ガス検知器 レベル{name}"),
            f"{key}-footwall", 62.0, values, f"level-{key}", f"v-{key}-raise",
        )  # fmt: skip
    result.on_wall(
        "gas-return",
        titles("Return air", "Исходящая струя", "Шығатын ауа ағыны", "排気"),
        "l2-raise-access", 6.0, _air(9.0, 3.4, 18.0), "main-fan", "v-l2-raise",
    )  # fmt: skip


def _underground_water(result: Instruments, ground: Ground) -> None:
    layout = ground.layout
    last = len(layout.levels)
    for index, (z, name) in enumerate(zip(layout.levels, layout.level_names, strict=True)):
        if index == last - 1:
            continue
        key = f"l{index + 1}"
        result.on_post(
            f"water-{key}",
            titles(f"Sump {name}", f"Водосборник {name}", f"{name} су жинағышы", f"ポンド {name}"),
            ground.floor(FOOTWALL_X - 8.6, SUMP_Y + 1.2, z), 104.0,
            {"ph": (7.1 - 0.2 * index, 0.08, 0.02), "ec": (1150 + 60 * index, 30, 8),
             "level": (1.25, 0.05, 0.01)}, f"sump-{key}", f"d-{key}-sump",
        )  # fmt: skip
    z = layout.levels[-1]
    result.on_post(
        "water-main-sump", titles("Main sump", "Главный водосборник", "Бас су жинағыш", "主ポンド"),
        ground.floor(FOOTWALL_X - 9.6, SUMP_Y + 1.0, z), 104.0,
        {"ph": (3.4, 0.08, 0.02), "ec": (3900, 60, 15), "arsenic": (0.16, 0.006, 0.002),
         "flow": (0.019, 0.0008, 0.0002), "level": (2.05, 0.06, 0.01)},
        "main-sump", f"d-l{last}-sump",
    )  # fmt: skip
    result.on_post(
        "water-holding-sump",
        titles("Holding sump", "Аварийный водосборник", "Апаттық су жинағыш", "貯留ポンド"),
        ground.floor(FOOTWALL_X - 9.0, HOLDING_Y - 1.0, z), 80.0,
        {"level": (0.4, 0.02, 0.01)}, "holding-sump", f"d-l{last}-holding",
    )  # fmt: skip
    for pipe, en, mean, salt, share in (
        ("a", "A", 2.9, 5200.0, 0.0016), ("b", "B", 6.9, 1240.0, 0.0014),
        ("c", "C", 7.2, 1180.0, 0.0012),
    ):  # fmt: skip
        y = {"a": -60.0, "b": RAISE_Y, "c": 70.0}[pipe]
        result.on_post(
            f"weir-l{last}-{pipe}",
            titles(f"Weir {en}", f"Водослив {en}", f"{en} су ағызғышы", f"堰 {en}"),
            ground.floor(FOOTWALL_X - 7.0, y + 1.5, z), 150.0,
            {"ph": (mean, 0.05, 0.02), "ec": (salt, 40, 10), "flow": (share, 0.0001, 0.00003)},
            None, f"d-l{last}-{pipe}",
        )  # fmt: skip


def _surface_water(result: Instruments, ground: Ground) -> None:
    site = ground.site
    dam, wtp = site.pad["dam"], site.pad["wtp"]
    for number, (dx, dy, mean) in enumerate(((-60.0, -74.0, 62.0), (0.0, -74.0, 71.0),
                                             (60.0, -74.0, 58.0)), start=1):  # fmt: skip
        result.on_post(
            f"piezo-{number}",
            titles(f"Piezometer {number}", f"Пьезометр {number}", f"{number}-пьезометр",
                   f"間隙水圧計 {number}"),
            (dam.x + dx, dam.y + dy, dam.z + 10.9), 180.0, {"pressure": (mean, 2.0, 0.3)},
            "tailings-dam",
        )  # fmt: skip
    result.on_post(
        "water-seep", titles("Dam seepage", "Фильтрация из дамбы", "Бөгеттен сүзілу", "ダム浸透水"),
        ground.outside(dam.x - 50.5, dam.y - 129.0), 200.0,
        {"ph": (5.4, 0.05, 0.02), "ec": (2900, 40, 10), "arsenic": (0.08, 0.004, 0.001),
         "flow": (0.0008, 0.00005, 0.00001)}, "seep", "d-seep",
    )  # fmt: skip
    result.on_post(
        "water-outlet",
        titles("Plant outlet", "Выпуск очистных", "Тазартудан шығу", "処理水放流口"),
        ground.outside(wtp.x + 27.5, wtp.y - 22.0), 180.0,
        {"ph": (7.4, 0.05, 0.02), "ec": (1450, 25, 6), "arsenic": (0.02, 0.001, 0.0004),
         "flow": (0.021, 0.0008, 0.0002)}, "wtp", "d-wtp",
    )  # fmt: skip
    for id_, en, ru, kk, ja, x, arsenic, node in (
        ("river-up", "River upstream", "Река выше рудника", "Кеніштен жоғары өзен", "河川上流",
         -380.0, 0.003, "d-river-up"),
        ("river-down", "River downstream", "Река ниже рудника", "Кеніштен төмен өзен", "河川下流",
         820.0, 0.0045, "d-river-down"),
    ):  # fmt: skip
        result.on_post(
            id_, titles(en, ru, kk, ja),
            ground.outside(x, float(site.river_y(x)) + 13.0), 0.0,
            {"ph": (7.9, 0.05, 0.02), "ec": (420, 12, 4), "arsenic": (arsenic, 0.0003, 0.0001)},
            None, node,
        )  # fmt: skip
