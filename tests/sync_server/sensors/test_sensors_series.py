"""Recorded series: real files and made ones, with every guess, gap and bad row."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.sensors.errors import SensorRefused
from sync_server.sensors.series import BadRow, Row, Series, open_series
from tests.sync_server.sensors.support import data_file


def rows_of(series: Series) -> list[Row]:
    return [row for row, _ in series.rows() if isinstance(row, Row)]


def bad_rows_of(series: Series) -> list[BadRow]:
    return [row for row, _ in series.rows() if isinstance(row, BadRow)]


def guesses_of(series: Series) -> dict[str, dict[str, str]]:
    return {guess.message_id: dict(guess.arguments) for guess in series.guesses}


def made(folder: Path, text: str | bytes, name: str = "series.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def moment(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[arg-type,misc]


# -- real files ----------------------------------------------------------------------------------


def test_methane_arff() -> None:
    series = open_series(data_file("gas_methane_coalmine/methane-train.arff"), interval_s=30.0)
    assert series.format == "arff"
    assert series.columns[:6] == ("MM31", "MM116", "AS038", "PG072", "PD", "BA13")
    rows = rows_of(series)
    assert len(rows) == 13368
    assert not bad_rows_of(series)
    assert rows[0].values["MM116"] == 1.3
    assert [row.time for row in rows[:3]] == [0.0, 30.0, 60.0]
    assert guesses_of(series) == {"sensors-guess-interval": {"interval": "30"}}


def test_water_sonde_with_units_in_its_second_row() -> None:
    series = open_series(data_file("water_sonde_driftR/rawData.csv"))
    assert series.columns[:3] == ("Temp", "SpCond", "pH")
    assert series.units["SpCond"] == "mS/cm"
    assert "pH" not in series.units
    rows = rows_of(series)
    assert len(rows) == 1527
    assert not bad_rows_of(series)
    assert rows[0].time == moment(2015, 9, 18, 12, 10, 49)
    assert rows[0].values["pH"] == 7.18
    assert guesses_of(series)["sensors-guess-time"]["column"] == "Date + Time"


def test_water_sonde_clean() -> None:
    series = open_series(data_file("water_sonde_driftR/sondeClean.csv"))
    rows = rows_of(series)
    assert len(rows) == 1527
    assert "dateTime" not in series.columns
    assert "Date" not in series.columns
    assert rows[-1].values["DO_Corr"] == 82.92
    assert rows[-1].time == moment(2015, 9, 23, 20, 15, 49)


def test_hobo_logger_with_title_line_and_thousands() -> None:
    series = open_series(data_file("water_sonde_driftR/hoboRaw.txt"))
    rows = rows_of(series)
    assert rows[0].time == moment(2017, 11, 10, 14, 54, 5)
    assert any(value == 1269.4 for value in rows[0].values.values())
    assert "sensors-guess-comma-thousands" in guesses_of(series)


# -- made files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cells", "column", "second"),
    [
        ("time,v", ["2026-01-13T06:00:00Z", "2026-01-13T06:00:30Z"], "time", 30),
        ("v,timestamp", ["2026-01-13 06:00:00", "2026-01-13 06:00:30"], "timestamp", 30),
        ("t,v", ["1700000000", "1700000010"], "t", 10),
        ("t,v", ["1700000000000", "1700000010000"], "t", 10),
        ("t,v", ["0", "2.5"], "t", 2.5),
        ("Дата и время;v", ["13.01.2026 06:00:00", "13.01.2026 06:01:00"], "Дата и время", 60),
        ("date,v", ["2026-01-13", "2026-01-14"], "date", 86400),
    ],
)
def test_times_are_guessed(
    tmp_path: Path, header: str, cells: list[str], column: str, second: float
) -> None:
    mark = ";" if ";" in header else ","
    last = header.split(mark)[1] != "v"
    lines = [f"1{mark}{cell}" if last else f"{cell}{mark}1" for cell in cells]
    series = open_series(made(tmp_path, "\n".join([header, *lines])))
    assert guesses_of(series)["sensors-guess-time"]["column"] == column
    times = [row.time for row in rows_of(series)]
    assert times[1] - times[0] == pytest.approx(second)


def test_day_and_month_are_told_apart_by_the_series(tmp_path: Path) -> None:
    text = "time,v\n" + "\n".join(f"0{day}/11/2026 00:00:00,1" for day in range(1, 8))
    series = open_series(made(tmp_path, text))
    assert guesses_of(series)["sensors-guess-time"]["format"] == "%d/%m/%Y %H:%M:%S"
    said = open_series(made(tmp_path, text), time_column="time", time_format="%m/%d/%Y %H:%M:%S")
    times = [row.time for row in rows_of(said)]
    assert times[1] - times[0] == 31 * 86400


def test_time_can_be_denied(tmp_path: Path) -> None:
    path = made(tmp_path, "time,v\n100,1\n200,2\n")
    series = open_series(path, time_column="none", interval_s=0.5)
    assert [row.time for row in rows_of(series)] == [0.0, 0.5]
    assert series.columns == ("time", "v")


def test_bad_rows_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    text = (
        "time,a,b\n0,1,2\n1,x,2\n2,3\nlater,1,2\n4,,\n5,nan,?\n6,1e999,x\n\n"
        f"8,{'9' * 70_000},1\n9,5,6\n"
    )
    series = open_series(made(tmp_path, text))
    rows = rows_of(series)
    assert [row.line for row in rows] == [2, 3, 11]
    assert rows[1].faults == ("a",)
    assert rows[1].values == {"b": 2.0}
    assert [(row.line, row.fault) for row in bad_rows_of(series)] == [
        (4, "cells"),
        (5, "time"),
        (6, "no-values"),
        (7, "no-values"),
        (8, "number"),
        (10, "line-too-long"),
    ]


def test_arff_with_gaps(tmp_path: Path) -> None:
    text = "% note\n@relation r\n@attribute 'a b' real\n@attribute c {x,y}\n@data\n1,x\n?,y\n3\n"
    series = open_series(made(tmp_path, text, "r.arff"))
    assert series.columns == ("a b",)
    assert [row.values["a b"] for row in rows_of(series)] == [1.0]
    assert [row.fault for row in bad_rows_of(series)] == ["no-values", "cells"]


def test_decimal_comma_and_windows_text(tmp_path: Path) -> None:
    text = "время;расход\n01.02.2026 00:00;12,5\n01.02.2026 00:01;13,0\n".encode("cp1251")
    series = open_series(made(tmp_path, text))
    assert series.columns == ("расход",)
    assert [row.values["расход"] for row in rows_of(series)] == [12.5, 13.0]
    assert {"sensors-guess-comma-decimal", "sensors-guess-encoding"} <= guesses_of(series).keys()


def test_rows_can_be_read_again(tmp_path: Path) -> None:
    series = open_series(made(tmp_path, "t,v\n0,1\n1,2\n"))
    assert rows_of(series) == rows_of(series)
    assert list(series.rows())[-1][1] <= series.size + 1


@pytest.mark.parametrize(
    ("content", "message_id"),
    [
        (b"", "sensors-no-values"),
        (b"\n\n", "sensors-no-values"),
        (b"a,b\n", "sensors-no-values"),
        (b"a,b\nx,y\nz,w\n", "sensors-no-values"),
        (b"1,2\n3,4\n", "sensors-not-a-series"),
        (b"a,a\n1,2\n", "sensors-not-a-series"),
        (b"a,\n1,2\n", "sensors-not-a-series"),
        (b"\x00\x01\x02glTF", "sensors-file-binary"),
        (b"@relation x\n@attribute a real\n", "sensors-not-a-series"),
    ],
)
def test_refusals(tmp_path: Path, content: bytes, message_id: str) -> None:
    with pytest.raises(SensorRefused) as caught:
        open_series(made(tmp_path, content))
    assert caught.value.message_id == message_id


def test_refused_options(tmp_path: Path) -> None:
    path = made(tmp_path, "t,v\n0,1\nx,2\ny,3\n")
    for column, message_id in [("w", "sensors-no-column"), ("t", "sensors-bad-time")]:
        with pytest.raises(SensorRefused) as caught:
            open_series(path, time_column=column)
        assert caught.value.message_id == message_id
    with pytest.raises(SensorRefused) as caught:
        open_series(tmp_path / "none.csv")
    assert caught.value.message_id == "sensors-no-file"


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400) | st.text("0123456789.,;\t\n\"'/-: atime%@", max_size=400))
def test_any_bytes_are_a_series_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes | str
) -> None:
    path = made(tmp_path_factory.getbasetemp(), data, "any.csv")
    try:
        series = open_series(path)
    except SensorRefused as refusal:
        assert refusal.message_id
        assert refusal.exit_code == 2
    else:
        for row, _ in series.rows():
            assert row.line > 0
