"""Objects that people can use: self-rescuers, telephones, refuge doors, valves, switches, sampling
points.

Position and facing only; displays draw them. Drills wait for the events named here.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from scenes.schema import ObjectAction, SceneObject, Titles
from scenes.synthetic.layout import FOOTWALL_X, HOLDING_Y, RAISE_Y, REFUGE_Y, SUMP_Y
from scenes.synthetic.look import hot_spot
from scenes.synthetic.places import Ground, Point, titles

Kind = Literal[
    "valve", "self_rescuer", "door", "lever", "sampling_point", "telephone", "switch", "other"
]
_ACT: dict[str, Titles] = {
    "don": titles("Put on", "Надеть", "Кию", "装着する"),
    "doff": titles("Take off", "Снять", "Шешу", "外す"),
    "raise_alarm": titles("Raise the alarm", "Объявить тревогу", "Дабыл беру", "警報を出す"),
    "hang_up": titles("Hang up", "Положить трубку", "Тұтқаны қою", "受話器を置く"),
    "close": titles("Close", "Закрыть", "Жабу", "閉める"),
    "open": titles("Open", "Открыть", "Ашу", "開ける"),
    "purge": titles("Purge", "Продуть", "Үрлеп тазарту", "パージする"),
    "stop": titles("Stop", "Остановить", "Тоқтату", "停止する"),
    "run": titles("Run", "Пустить", "Іске қосу", "運転する"),
    "reverse": titles("Reverse", "Реверсировать", "Кері айналдыру", "逆転する"),
    "divert": titles("Divert", "Перенаправить", "Бағытын өзгерту", "切り替える"),
    "restore": titles("Restore", "Вернуть", "Қалпына келтіру", "元に戻す"),
    "grout": titles("Inject grout", "Подать раствор", "Ерітінді айдау", "注入する"),
    "sample": titles("Take a sample", "Взять пробу", "Сынама алу", "採水する"),
    "reset": titles("New bottle", "Новая бутылка", "Жаңа бөтелке", "新しいボトル"),
}


def _act(id_: str, event: str, to: str, *from_states: str) -> ObjectAction:
    return ObjectAction(id=id_, title=_ACT[id_], from_states=list(from_states), to_state=to,
                        event=event)  # fmt: skip


_STATES: dict[str, tuple[Kind, list[str], list[ObjectAction]]] = {
    "self-rescuer": ("self_rescuer", ["stored", "donned"], [
        _act("don", "self_rescuer_donned", "donned", "stored"),
        _act("doff", "self_rescuer_removed", "stored", "donned")]),
    "telephone": ("telephone", ["idle", "calling"], [
        _act("raise_alarm", "alarm_raised", "calling", "idle"),
        _act("hang_up", "call_ended", "idle", "calling")]),
    "refuge-door": ("door", ["open", "closed"], [
        _act("close", "refuge_door_closed", "closed", "open"),
        _act("open", "refuge_door_opened", "open", "closed")]),
    "purge-valve": ("valve", ["closed", "open"], [
        _act("purge", "refuge_purged", "open", "closed"),
        _act("close", "refuge_purge_closed", "closed", "open")]),
    "fan-switch": ("switch", ["run", "stop", "reverse"], [
        _act("stop", "fan_stopped", "stop", "run", "reverse"),
        _act("run", "fan_started", "run", "stop"),
        _act("reverse", "fan_reversed", "reverse", "stop")]),
    "grout-lever": ("lever", ["off", "on"], [
        _act("grout", "grout_injected", "on", "off"),
        _act("stop", "grout_stopped", "off", "on")]),
    "sump-valve": ("valve", ["main", "holding"], [
        _act("divert", "water_diverted", "holding", "main"),
        _act("restore", "water_restored", "main", "holding")]),
    "sampling": ("sampling_point", ["ready", "taken"], [
        _act("sample", "sample_taken", "taken", "ready"),
        _act("reset", "sample_reset", "ready", "taken")]),
}  # fmt: skip
_NAMES: dict[str, Titles] = {
    "self-rescuer": titles("Self-rescuer", "Самоспасатель", "Өзін-өзі құтқарғыш", "自己救命器"),
    "telephone": titles("Telephone", "Телефон", "Телефон", "電話"),
    "refuge-door": titles("Refuge door", "Дверь камеры спасения", "Паналау камерасының есігі",
                          "避難所の扉"),
    "purge-valve": titles("Purge valve", "Клапан продувки", "Үрлеу клапаны", "パージ弁"),
    "fan-switch": titles("Fan switch", "Пускатель вентилятора", "Желдеткіш қосқышы",
                         "扇風機スイッチ"),
    "grout-lever": titles("Grout lever", "Рычаг подачи раствора", "Ерітінді тұтқасы",
                          "グラウト注入レバー"),
    "sump-valve": titles("Diversion valve", "Отводной клапан", "Бұру клапаны", "切替弁"),
    "sampling": titles("Sampling point", "Точка отбора проб", "Сынама алу нүктесі", "採水点"),
}  # fmt: skip


def make_objects(ground: Ground) -> list[SceneObject]:
    """Every object of the mine."""
    layout = ground.layout
    last = len(layout.levels)
    found: list[SceneObject] = []

    def add(id_: str, what: str, at: Point, azimuth: float, place: str | None = None) -> None:
        kind, states, actions = _STATES[what]
        x, y, z = (round(v, 3) for v in at)
        found.append(
            SceneObject(id=id_, kind=kind, title=_NAMES[what], position=(x, y, z),
                        azimuth_deg=round(azimuth, 1), place=place, states=states,
                        initial=states[0], actions=actions)
        )  # fmt: skip

    def wall(way: str, chainage: float, right: float, up: float) -> tuple[Point, float]:
        line = layout.ways[way]
        side = np.sign(right) * (line.width / 2 - 0.15)
        x, y, z = (float(v) for v in line.beside(chainage, float(side), up)[0])
        ahead = line.along(chainage)[0]
        inward = -np.sign(right) * np.array([ahead[1], -ahead[0]])
        return (x, y, z), float(np.degrees(np.arctan2(inward[0], inward[1])) % 360)

    add("self-rescuer-portal-2", "self-rescuer", *wall("decline-2", 48.0, -1, 1.3), "decline-2")
    add("self-rescuer-portal-2-b", "self-rescuer", *wall("decline-2", 49.2, -1, 1.3), "decline-2")
    add("self-rescuer-portal-1", "self-rescuer", *wall("decline-1", 30.0, -1, 1.3), "decline-1")
    add("telephone-portal-2", "telephone", *wall("decline-2", 44.0, -1, 1.4), "decline-2")
    for index in range(last):
        key = f"l{index + 1}"
        add(f"self-rescuer-{key}", "self-rescuer", *wall(f"{key}-access-north", 14.0, -1, 1.3),
            f"level-{key}")  # fmt: skip
        add(f"self-rescuer-{key}-b", "self-rescuer", *wall(f"{key}-access-north", 15.2, -1, 1.3),
            f"level-{key}")  # fmt: skip
        add(f"telephone-{key}", "telephone", *wall(f"{key}-access-north", 18.0, -1, 1.4),
            f"level-{key}")  # fmt: skip
        if f"{key}-refuge" in layout.ways:
            z = layout.levels[index]
            place = f"refuge-{key}"
            add(f"refuge-door-{key}", "refuge-door", (FOOTWALL_X + 5.15, REFUGE_Y, z + 0.05), 270.0,
                place)  # fmt: skip
            add(f"purge-valve-{key}", "purge-valve", (FOOTWALL_X + 7.2, REFUGE_Y + 1.16, z + 1.35),
                180.0, place)  # fmt: skip
            add(f"telephone-refuge-{key}", "telephone",
                (FOOTWALL_X + 8.2, REFUGE_Y + 1.16, z + 1.4), 180.0, place)  # fmt: skip
    fan = layout.levels[1]
    add(
        "fan-switch", "fan-switch", (FOOTWALL_X + 6.8, RAISE_Y + 2.35, fan + 1.4), 180.0, "main-fan"
    )
    low = layout.levels[-1]
    hot = hot_spot(layout)
    add("grout-lever", "grout-lever", (float(hot[0]) - 0.6, float(hot[1]) + 3.2, low + 1.1), 270.0,
        "sulphide-wall")  # fmt: skip
    add("sump-valve", "sump-valve", (FOOTWALL_X - 2.4, HOLDING_Y - 2.2, low + 1.1), 0.0,
        "holding-sump")  # fmt: skip
    add("sampling-main-sump", "sampling", (FOOTWALL_X - 10.2, SUMP_Y - 0.4, low + 0.55), 90.0,
        "main-sump")  # fmt: skip
    weir = ground.floor(FOOTWALL_X - 8.0, -60.0 + 1.2, low)
    add("sampling-weir-a", "sampling", (weir[0], weir[1], weir[2] + 0.6), 180.0)
    add("sampling-source", "sampling", (float(hot[0]) - 0.4, float(hot[1]), low + 0.9), 270.0,
        "sulphide-wall")  # fmt: skip
    dam = ground.site.pad["dam"]
    seep = ground.outside(dam.x - 53.5, dam.y - 128.0)
    add("sampling-seep", "sampling", (seep[0], seep[1], seep[2] + 0.6), 180.0, "seep")
    wtp = ground.site.pad["wtp"]
    outlet = ground.outside(wtp.x + 26.0, wtp.y - 22.0)
    add("sampling-outlet", "sampling", (outlet[0], outlet[1], outlet[2] + 0.6), 180.0, "wtp")
    return found
