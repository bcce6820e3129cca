"""Unit codes are checked and written as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.wire.units import is_unit, unit_label


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("%", "%"),
        ("[ppm]", "ppm"),
        ("mg/L", "mg/L"),
        ("ug/L", "µg/L"),
        ("m3/s", "m³/s"),
        ("m3/h", "m³/h"),
        ("L/s", "L/s"),
        ("m/s", "m/s"),
        ("uS/cm", "µS/cm"),
        ("mS/cm", "mS/cm"),
        ("Cel", "°C"),
        ("hPa", "hPa"),
        ("kPa", "kPa"),
        ("[NTU]", "NTU"),
        ("[pH]", ""),
        ("mg/m3", "mg/m³"),
        ("mm/s", "mm/s"),
        ("1/min", "1/min"),
        ("{rpm}", "rpm"),
        ("m.s-2", "m·s⁻²"),
        ("kg.m-3", "kg·m⁻³"),
        ("10*6/L", "10⁶/L"),
        ("m[H2O]", "mH₂O"),
        ("mV", "mV"),
        ("kW.h", "kW·h"),
    ],
)
def test_known_units(code: str, label: str) -> None:
    assert is_unit(code)
    assert unit_label(code) == label


@pytest.mark.parametrize(
    "code", ["", "ntu", "banana", "/", "m//s", "m/", ".m", "m3/", "ppm", "mg/L ", "x" * 200, "m;s"]
)
def test_unknown_units_are_refused_and_shown_as_they_are(code: str) -> None:
    assert not is_unit(code)
    assert unit_label(code) == code[:48]


@given(st.text(max_size=80))
def test_any_text_is_answered(code: str) -> None:
    assert len(unit_label(code)) <= 80
    assert isinstance(is_unit(code), bool)
