"""Writes a new drill to begin with: two lanes, a wait of each kind, texts in four languages.

It lints without errors and can be rehearsed as it is; an author replaces it piece by piece. It
never writes over anything.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Final

from curricula.errors import Refused
from curricula.texts import LANGUAGES

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,47}")

_DRILL: Final = """\
# A drill to begin with. Check it with:   kenish drill lint {name} --scene YOUR_TWIN
# play it with:                           kenish drill rehearse {name} --trainee late
# and look at it with:                    kenish drill graph {name} --out {name}.svg
# docs/authoring.md explains every key.
version: 1
name: {name}
title: {prefix}-title
summary: {prefix}-summary
duration_s: 300
pass_mark: 70
profile: site
modes: [practice, drill]

# Enter a name and a date once somebody who is entitled to has read a language's safety text:
# en: {{reviewed_by: A. Seitova, reviewed_on: 2026-11-24}}
languages:
  en: {{}}
  ru: {{}}
  kk: {{}}
  ja: {{}}

# Everything that belongs to one mine stands here; below, only these names are used.
bindings:
  objects:
    telephone: {{kind: telephone}}
  places:
    refuge: {{kind: refuge}}
  datastreams:
    co: {{kind: co}}

limits:
  co_ceiling:
    title: {prefix}-limit-co
    unit: "[ppm]"
    values:
      us: {{value: 200, source: NIOSH Pocket Guide 630080 (ceiling), verified: true}}
      site: {{value: 200, source: Figure of the authors of this drill, verified: false}}

choices:
  count:
    ask: {prefix}-choice-count
    number: [0, 40]

lanes:
  crew:
    title: {prefix}-lane-crew
    roles: [trainee, engineer]
    capacity: 30
    steps:
      - id: raise_alarm
        say: {prefix}-say-alarm
        why: {prefix}-why-alarm
        by: anyone
        after_inject: gas
        wait: {{event: alarm_raised}}
        within_s: 60
        points: 40
        limit_source: Figure of the authors of this drill
        hints:
          - {{after_s: 20, say: {prefix}-hint-alarm}}
      - id: reach_refuge
        say: {prefix}-say-refuge
        why: {prefix}-why-refuge
        wait: {{guard: me.at.refuge}}
        within_s: 120
        points: 60
        limit_source: Figure of the authors of this drill
        hints:
          - {{after_s: 40, say: {prefix}-hint-refuge}}
  control_room:
    title: {prefix}-lane-control-room
    roles: [trainee, engineer]
    capacity: 3
    steps:
      - id: log_headcount
        say: {prefix}-say-count
        why: {prefix}-why-count
        by: anyone
        after: reach_refuge
        wait: {{choice: count, right: answer == lane.crew}}
        within_s: 60
        points: 100
        limit_source: Figure of the authors of this drill
        hints:
          - {{after_s: 20, say: {prefix}-hint-count}}

injects:
  - id: gas
    at_s: [5, 15]
    say: {prefix}-caption-gas
    to: [crew]
    changes:
      - {{do: ramp, sensor: co, to: [60, 90], over_s: 30}}

rules:
  - id: too_much_gas
    say: {prefix}-rule-gas
    lanes: [crew]
    never: sensor.co >= limit.co_ceiling && !me.at.refuge
    sensor: co
    limit: co_ceiling

debrief:
  questions:
    - {{id: first, ask: {prefix}-debrief-first, steps: [raise_alarm]}}
  charts:
    - {{id: co, title: {prefix}-chart-co, sensor: co, limit: co_ceiling}}
"""

_WORDS: Final[dict[str, dict[str, str]]] = {
    "title": {
        "en": "A new drill",
        "ru": "Новая тренировка",
        "kk": "Жаңа жаттығу",
        "ja": "新しい訓練",
    },
    "summary": {
        "en": "Gas rises: alarm, refuge, headcount.",
        "ru": "Растёт содержание газа: тревога, камера-убежище, пересчёт людей.",
        "kk": "Газ көбейеді: дабыл, баспана, адам санау.",
        "ja": "ガスが増える：警報、避難所、人数確認。",
    },
    "limit-co": {
        "en": "Carbon monoxide, ceiling",
        "ru": "Оксид углерода, предел",
        "kk": "Көміртек тотығы, шегі",
        "ja": "一酸化炭素、上限",
    },
    "choice-count": {
        "en": "How many are in the refuge?",
        "ru": "Сколько человек в убежище?",
        "kk": "Баспанада неше адам бар?",
        "ja": "避難所には何人いますか。",
    },
    "lane-crew": {"en": "Crew", "ru": "Звено", "kk": "Топ", "ja": "作業班"},
    "lane-control-room": {
        "en": "Control room",
        "ru": "Диспетчерская",
        "kk": "Диспетчер бөлмесі",
        "ja": "指令室",
    },
    "say-alarm": {
        "en": "Raise the alarm at a telephone.",
        "ru": "Поднимите тревогу по телефону.",
        "kk": "Телефон арқылы дабыл беріңіз.",
        "ja": "電話で警報を出してください。",
    },
    "why-alarm": {
        "en": "Others do not know yet.",
        "ru": "Другие ещё не знают.",
        "kk": "Басқалар әлі білмейді.",
        "ja": "ほかの人はまだ知りません。",
    },
    "hint-alarm": {
        "en": "The nearest telephone is on the plan map.",
        "ru": "Ближайший телефон есть на плане.",
        "kk": "Ең жақын телефон планда көрсетілген.",
        "ja": "いちばん近い電話は平面図にあります。",
    },
    "say-refuge": {
        "en": "Go to the refuge.",
        "ru": "Идите в камеру-убежище.",
        "kk": "Баспанаға барыңыз.",
        "ja": "避難所へ行ってください。",
    },
    "why-refuge": {
        "en": "The air there is safe.",
        "ru": "Там безопасный воздух.",
        "kk": "Ондағы ауа қауіпсіз.",
        "ja": "そこの空気は安全です。",
    },
    "hint-refuge": {
        "en": "Follow the signs; walk, do not run.",
        "ru": "Идите по знакам, не бегите.",
        "kk": "Белгілер бойынша жүріңіз, жүгірмеңіз.",
        "ja": "標識に従い、走らずに歩いてください。",
    },
    "say-count": {
        "en": "Log how many are safe.",
        "ru": "Запишите, сколько человек в безопасности.",
        "kk": "Қауіпсіз жердегі адам санын жазыңыз.",
        "ja": "安全な人の数を記録してください。",
    },
    "why-count": {
        "en": "Rescuers go in for whoever is missing.",
        "ru": "Спасатели идут за теми, кого не хватает.",
        "kk": "Құтқарушылар жоқ адамдарды іздеп барады.",
        "ja": "救助隊は足りない人のために入ります。",
    },
    "hint-count": {
        "en": "Ask the crew for their number.",
        "ru": "Спросите звено, сколько их.",
        "kk": "Топтан нешеу екенін сұраңыз.",
        "ja": "作業班に人数を尋ねてください。",
    },
    "caption-gas": {
        "en": "The gas reading is rising.",
        "ru": "Показания газоанализатора растут.",
        "kk": "Газ көрсеткіші өсіп барады.",
        "ja": "ガスの値が上がっています。",
    },
    "rule-gas": {
        "en": "Nobody stays in gas above the ceiling.",
        "ru": "Никто не остаётся в газе выше предела.",
        "kk": "Ешкім шектен асқан газда қалмайды.",
        "ja": "上限を超えるガスの中に誰もとどまらない。",
    },
    "debrief-first": {
        "en": "What was the first sign?",
        "ru": "Что было первым признаком?",
        "kk": "Алғашқы белгі не болды?",
        "ja": "最初の兆候は何でしたか。",
    },
    "chart-co": {
        "en": "Carbon monoxide",
        "ru": "Оксид углерода",
        "kk": "Көміртек тотығы",
        "ja": "一酸化炭素",
    },
}


def make_drill(folder: Path) -> Path:
    """Write a drill named as its folder, which must not be there yet; the drill's file.

    Raises `Refused` for a name that drills cannot have, and where the folder is there or cannot be
    written.
    """
    name = folder.name
    if _NAME.fullmatch(name) is None:
        raise Refused("drill-new-name", name=name)
    prefix = name.replace("_", "-").rstrip("-")
    work = folder.with_name(f".{name}.{os.getpid()}.tmp")
    try:
        if folder.exists():
            raise Refused("drill-new-exists", folder=str(folder))
        work.mkdir(parents=True)
        (work / "drill.yaml").write_text(_DRILL.format(name=name, prefix=prefix), encoding="utf-8")
        for language in LANGUAGES:
            lines = [f"{prefix}-{key} = {texts[language]}" for key, texts in _WORDS.items()]
            (work / f"{language}.ftl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        work.replace(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused("drill-file-unreadable", file=str(folder), reason=reason) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder / "drill.yaml"
