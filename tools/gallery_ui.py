"""Paints every panel and label in four languages into out/ui/*.png, to be looked at.

Run it from the repository root: python tools/gallery_ui.py [--out FOLDER]. It needs no window.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assets.text import LANGUAGES, Translator, translator
from vr_app.ui import theme
from vr_app.ui.canvas import Painted
from vr_app.ui.drill_panel import DrillView, paint_drill_panel
from vr_app.ui.help_panel import paint_help_panel
from vr_app.ui.history_panel import HistoryLine, HistoryView, paint_history_panel
from vr_app.ui.line_editor import LineEditor
from vr_app.ui.menu_bar import paint_menu_bar
from vr_app.ui.message_panel import ChatMessage, paint_message_panel
from vr_app.ui.name_plate import NamePlate, paint_name_plate
from vr_app.ui.note import paint_marker, paint_note, paint_ring
from vr_app.ui.notices import Notice, paint_crosshair, paint_hint, paint_notice
from vr_app.ui.people_panel import PeopleAct, PeopleView, PersonRow, paint_people_panel
from vr_app.ui.plan_map import MapPainter, MapPerson, MapSensor, MapState, MapView, Plan, PlanPlace
from vr_app.ui.sensor_label import Reading, SensorLabel, paint_sensor_label
from vr_app.ui.settings_panel import Settings, paint_settings_panel

# Texts that come from a scene, a drill or people, not from our messages.
SAMPLES = {
    "en": {
        "air": "Air station, level 1040",
        "sump": "Sump, level 980",
        "co": "Carbon monoxide", "ch4": "Methane", "o2": "Oxygen", "ph": "Acidity (pH)",
        "flow": "Inflow", "level": "Water level",
        "drill": "Fire and carbon monoxide",
        "prompt": "Carbon monoxide is rising. Put on your self-rescuer and go to the refuge "
        "chamber against the smoke.",
        "hint": "The self-rescuer hangs beside the telephone.",
        "use": "Put on the self-rescuer",
        "chat": "The water in the sump is rising, please have a look at the pump.",
    },
    "ru": {
        "air": "Замерная станция, горизонт 1040",
        "sump": "Водосборник, горизонт 980",
        "co": "Оксид углерода", "ch4": "Метан", "o2": "Кислород", "ph": "Кислотность (pH)",
        "flow": "Приток", "level": "Уровень воды",
        "drill": "Пожар и оксид углерода",
        "prompt": "Концентрация оксида углерода растёт. Включитесь в самоспасатель и идите "
        "в камеру-убежище навстречу дыму.",
        "hint": "Самоспасатель висит рядом с телефоном.",
        "use": "Включиться в самоспасатель",
        "chat": "Вода в водосборнике поднимается, посмотрите, пожалуйста, что с насосом.",
    },
    "kk": {
        "air": "Ауа өлшеу бекеті, 1040 горизонты",
        "sump": "Су жинағыш, 980 горизонты",
        "co": "Көміртек тотығы", "ch4": "Метан", "o2": "Оттек", "ph": "Қышқылдық (pH)",
        "flow": "Су ағыны", "level": "Су деңгейі",
        "drill": "Өрт және көміртек тотығы",
        "prompt": "Көміртек тотығының мөлшері артып келеді. Өзін-өзі құтқарғышты киіп, түтінге "
        "қарсы паналау камерасына барыңыз.",
        "hint": "Өзін-өзі құтқарғыш телефонның жанында ілулі тұр.",
        "use": "Өзін-өзі құтқарғышты кию",
        "chat": "Су жинағыштағы су көтеріліп жатыр, сорғыны қарап жіберіңізші.",
    },
    "ja": {
        "air": "1040レベル 空気測定所",
        "sump": "980レベル 集水槽",
        "co": "一酸化炭素", "ch4": "メタン", "o2": "酸素", "ph": "酸性度（pH）",
        "flow": "流入量", "level": "水位",
        "drill": "火災と一酸化炭素",
        "prompt": "一酸化炭素が増えています。自己救命器を装着し、"
        "煙に向かって避難所まで進んでください。",
        "hint": "自己救命器は電話のそばに掛けてあります。",
        "use": "自己救命器を装着する",
        "chat": "集水槽の水位が上がっています。ポンプを見てもらえますか。",
    },
}  # fmt: skip


def sensor_labels(s: dict[str, str]) -> list[SensorLabel]:
    """Labels in every state."""
    return [
        SensorLabel(
            s["air"],
            (
                Reading(s["co"], 8.0, "[ppm]", 0, "steady", 3),
                Reading(s["ch4"], 0.12, "%", 2, "rising", 3),
                Reading(s["o2"], 20.8, "%", 1, "falling", 3),
            ),
            simulated=True,
        ),
        SensorLabel(
            s["sump"],
            (
                Reading(s["ph"], 3.42, "[pH]", 2, "falling", 2, "alarm"),
                Reading(s["level"], 1.86, "m", 2, "rising", 2, "warning"),
                Reading(s["flow"], -0.014, "m3/s", 3, "steady", 2),
            ),
            simulated=True,
        ),
        SensorLabel(
            s["air"],
            (
                Reading(s["co"], 12345.6, "[ppm]", 1, "rising", 754, stale=True),
                Reading(s["ch4"], None, "%", 2),
                Reading(s["o2"], 19.1, "%", 1, None, 9, "warning", quality="uncertain"),
            ),
        ),
        SensorLabel(s["sump"], (Reading(s["flow"], 12.5, "L/s", 1, "rising", 3),)),
    ]


def sample_plan() -> Plan:
    """Two levels of a small mine under a hill, so that the gallery needs no twin."""
    east, north = np.meshgrid(np.arange(-160, 160, 1.0), np.arange(-120, 120, 1.0))
    floors = []
    for level, shift in ((340.0, 0.0), (370.0, 25.0)):
        ring = np.abs(np.hypot((east - shift) / 1.6, north) - 60) < 2.2
        cross = (np.abs(east - shift - 20) < 2.5) & (np.abs(north) < 60)
        drive = (np.abs(north - 10) < 2.5) & (east < shift + 20) & (east > -140)
        inside = ring | cross | drive
        floors.append(np.stack([east[inside], north[inside], np.full(inside.sum(), level)], 1))
    rows, columns = np.mgrid[0:120, 0:140]
    hill = 430 + 60 * np.exp(-((rows - 60) ** 2 + (columns - 50) ** 2) / 1500.0)
    titles = {"en": "Refuge chamber", "ru": "Камера-убежище", "kk": "Паналау камерасы",
              "ja": "避難所"}  # fmt: skip
    sump = {"en": "Main sump", "ru": "Главный водосборник", "kk": "Бас су жинағыш",
            "ja": "主集水槽"}  # fmt: skip
    portal = {"en": "Portal", "ru": "Портал", "kk": "Портал", "ja": "坑口"}
    places = (
        PlanPlace(titles, (20, -40, 340), "refuge", "340"),
        PlanPlace(sump, (-96, 10, 340), "sump", "340"),
        PlanPlace(portal, (120, 80, 440), "portal", ""),
    )
    ways = np.array([[(20, 0, 340), (20, 60, 340)], [(20, 60, 340), (60, 90, 372)]], np.float64)
    return Plan(ways, places, np.concatenate(floors).astype(np.float32), hill.astype(np.float32),
                (-210.0, -180.0), 3.0)  # fmt: skip


def maps(t: Translator) -> list[Painted]:
    """The map under ground and in the open."""
    painter = MapPainter(sample_plan())
    view = MapView(0, 0, 0.65)
    people = (MapPerson("Aigerim", theme.member_colour(0), (20, 30, 341.6)),
              MapPerson("Борис", theme.member_colour(1), (-60, 10, 371.6)))  # fmt: skip
    sensors = (MapSensor((-96, 14, 340), "alarm"), MapSensor((20, -20, 340), "normal"),
               MapSensor((-20, 10, 340), "stale"), MapSensor((60, 0, 340), "warning"))  # fmt: skip
    below = MapState((-40, 10, 340), 75, people, sensors, True)
    above = MapState((60, 40, 470), 200, people, sensors)
    away = MapState((900, 300, 340), 0, people, sensors)
    return [painter.paint(view, state, t) for state in (below, above, away)]


def people_view(reason: LineEditor | None = None) -> PeopleView:
    """A few people with all marks, as a moderator sees them."""
    colour, boris = theme.member_colour, "Борис Константинопольский-Заболоцкий"
    rows = (
        PersonRow(
            "a", "Aigerim", colour(0), "instructor", "Astana", "kk", 4, 80, mine=True, leads=True
        ),
        PersonRow(
            "b", boris, colour(1), "engineer", "Mine office, level 340", "ru", 1, 480, muted=True
        ),
        PersonRow("c", "桜井 花子", colour(2), "trainee", "札幌", "ja", 3, 150),
        PersonRow("d", "KJ7Q2M", colour(3), present=False, kept_out=True),
    )
    acts = (
        PeopleAct("unmute", "b"),
        PeopleAct("kick", "b"),
        PeopleAct("lead", "b"),
        PeopleAct("end-lead"),
        PeopleAct("lock"),
    )
    asked = None if reason is None else boris
    return PeopleView(rows, 3, 0, 9, "b", acts, True, asked, reason)  # fmt: skip


def paintings(language: str) -> dict[str, list[Painted]]:
    """Everything, by the name of its sheet."""
    t: Translator = translator(language)
    s = SAMPLES[language]
    chat = [
        ChatMessage("Aigerim", s["chat"], theme.member_colour(0), "10:42"),
        ChatMessage("Борис Константинович", s["prompt"], theme.member_colour(1), "10:43"),
        ChatMessage("さくら", "了解、すぐ行きます！ OK", theme.member_colour(2), "10:43"),
    ]
    drill = DrillView(s["drill"], s["prompt"], s["hint"], 2, 6, 74, 180, 35, 100)
    urgent = DrillView(s["drill"], s["use"], "", 3, 6, 9, 60, 35, 100)
    done = DrillView(s["drill"], s["prompt"], verdict="passed", score=92, score_max=100)
    failed = DrillView(s["drill"], s["use"], verdict="failed", score=40, score_max=100)
    return {
        "labels": [paint_sensor_label(label, t) for label in sensor_labels(s)],
        "plates": [
            paint_name_plate(NamePlate("Aigerim", "engineer", "kk", theme.member_colour(0)), t),
            paint_name_plate(
                NamePlate("Константин Константинопольский", "instructor", "ru",
                          theme.member_colour(1)), t),
            paint_name_plate(
                NamePlate("さくら", "trainee", "ja", theme.member_colour(2), away=True), t),
        ],
        "help": [paint_help_panel(t)],
        "settings": [paint_settings_panel(Settings(language), t, "turn:smooth")],
        "menu": [
            paint_menu_bar(t, hovered="map", active=frozenset({"help"}), badges={"messages": 3}),
        ],
        "people": [
            paint_people_panel(people_view(), t, "act:2"),
            paint_people_panel(people_view(LineEditor(s["use"], 5)), t, "ask", width=340),
        ],
        "history": [
            paint_history_panel(
                HistoryView(
                    (
                        HistoryLine("Aigerim", theme.member_colour(0),
                                    t("ui-history-op-restore"), "2026-10-24 10:44", s["use"]),
                        HistoryLine("Борис Константинович", theme.member_colour(1),
                                    t("ui-history-op-delete"), "2026-10-24 10:43"),
                        HistoryLine("Aigerim", theme.member_colour(0),
                                    t("ui-history-op-create"), "2026-10-24 10:42", s["prompt"]),
                    ), True, ("delete",)), t, "act:1"),
            paint_history_panel(HistoryView(), t, width=340),
        ],
        "messages": [
            paint_message_panel(chat, t, LineEditor(s["chat"], 20)),
            paint_message_panel([], t, LineEditor()),
        ],
        "drill": [paint_drill_panel(view, t) for view in (drill, urgent, done, failed)],
        "notices": [
            paint_notice(Notice(t("session-reconnecting"), "warning")),
            paint_notice(Notice(t("ui-notice-fictional"), "info")),
            paint_notice(Notice(t("ui-notice-connected", {"members": 2}), "good")),
            paint_notice(
                Notice(t("ui-notice-alarm", {"sensor": s["sump"], "value": "pH 3.42"}), "error")),
            paint_hint("E", s["use"]),
            paint_crosshair(),
            paint_crosshair(True),
            paint_note("Aigerim", s["chat"], theme.member_colour(0)),
            paint_marker("alarm", theme.ALARM),
            paint_ring(),
        ],
        "map": maps(t),
    }  # fmt: skip


def sheet(pictures: list[Painted], background: tuple[int, int, int] = (58, 54, 50)) -> Image.Image:
    """Pictures under each other on a rock-grey ground."""
    images = [Image.fromarray(picture.rgba) for picture in pictures]
    width = max(image.width for image in images) + 24
    height = sum(image.height + 12 for image in images) + 12
    page = Image.new("RGBA", (width, height), (*background, 255))
    top = 12
    for image in images:
        page.alpha_composite(image, (12, top))
        top += image.height + 12
    return page.convert("RGB")


def main() -> None:
    """Write the sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/ui"))
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    pages: dict[str, list[Image.Image]] = {}
    for language in LANGUAGES:
        for name, pictures in paintings(language).items():
            pages.setdefault(name, []).append(sheet(pictures))
    for name, sheets in pages.items():
        columns = 2 if max(page.width for page in sheets) <= 1000 else 1
        wide = max(page.width for page in sheets)
        high = max(page.height for page in sheets)
        rows = -(-len(sheets) // columns)
        whole = Image.new("RGB", (wide * columns, high * rows), (58, 54, 50))
        for index, page in enumerate(sheets):
            whole.paste(page, (wide * (index % columns), high * (index // columns)))
        whole.save(out / f"{name}.png")
        print(out / f"{name}.png", whole.size)


if __name__ == "__main__":
    main()
