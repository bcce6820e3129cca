"""The stamp that says what an environment holds: instant when true, never trusted when not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.setup import state
from tools.setup.state import Stamp

NAMES = st.lists(st.text(min_size=1, max_size=8), max_size=4).map(tuple)


@given(st.text(), NAMES, NAMES)
def test_round_trip(digest: str, extras: tuple[str, ...], packages: tuple[str, ...]) -> None:
    stamp = Stamp(digest, extras, packages)
    assert state.stamp_from_json(stamp.to_json()) == stamp


@given(st.text())
def test_nonsense_is_no_stamp(text: str) -> None:
    assert state.stamp_from_json(text) is None or '"digest"' in text


@given(st.integers(min_value=0, max_value=60))
def test_a_stamp_cut_short_is_no_stamp(length: int) -> None:
    text = Stamp("d" * 64, ("all",), ("a-1.dist-info",)).to_json()
    assert state.stamp_from_json(text[:length]) is None


@pytest.mark.parametrize(
    ("digest", "extras", "present", "current"),
    [
        ("d", ("all",), ["a", "b"], True),
        ("d", ("all",), ["a", "b", "more"], True),
        ("d", ("all", "test"), ["a", "b"], False),
        ("e", ("all",), ["a", "b"], False),
        ("d", ("all",), ["a"], False),
        ("d", ("all",), [], False),
    ],
)
def test_current_needs_same_sources_extras_and_packages(
    digest: str, extras: tuple[str, ...], present: list[str], current: bool
) -> None:
    assert state.is_current(Stamp("d", ("all",), ("a", "b")), digest, extras, present) is current
    assert not state.is_current(None, digest, extras, present)


def test_parts_of_a_digest_do_not_run_together() -> None:
    assert state.digest_of(["ab", "c"]) != state.digest_of(["a", "bc"])
    assert state.digest_of(["ab", b"c"]) == state.digest_of([b"ab", "c"])


def test_one_command_does_not_undo_another() -> None:
    before = Stamp("d", ("all", "test"), ())
    assert state.extras_to_install(before, ("all",)) == ("all", "test")
    assert state.extras_to_install(None, ("all",)) == ("all",)
