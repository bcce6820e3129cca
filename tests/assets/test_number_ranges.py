"""Numbers of a command line: what lies in the range is taken, all else is named with the range."""

from __future__ import annotations

import argparse
import math

import pytest

from assets.text.number_ranges import number, whole_number


@pytest.mark.parametrize("text", ["0.1", "16", " 2 ", "1e1"])
def test_a_number_in_the_range_is_taken(text: str) -> None:
    assert number(0.1, 16)(text) == float(text)


@pytest.mark.parametrize("text", ["0.09", "16.1", "nan", "inf", "-inf", "", "two"])
def test_a_number_beyond_the_range_is_named_with_it(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"from 0\.1 to 16") as refused:
        number(0.1, 16)(text)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(("text", "taken"), [("0", False), ("1e-9", True), ("inf", False)])
def test_an_open_end_is_neither_its_limit_nor_infinite(text: str, taken: bool) -> None:
    read = number(0, above=True)
    if taken:
        assert read(text) == float(text)
        return
    with pytest.raises(argparse.ArgumentTypeError, match="above 0"):
        read(text)
    assert number(0)("0") == 0 and math.isfinite(number(0)("1e300"))


@pytest.mark.parametrize("text", ["-1", "65535", "7.5", "", "x" * 10_000])
def test_a_whole_number_is_whole_and_in_the_range(text: str) -> None:
    read = whole_number(0, 65534)
    assert (read("0"), read("65534")) == (0, 65534)
    with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 65534") as refused:
        read(text)
    assert len(str(refused.value)) < 200
