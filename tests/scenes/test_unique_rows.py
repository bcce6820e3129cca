"""Equal rows are found exactly as numpy finds them by sorting whole rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import scenes.unique_rows
from scenes.unique_rows import unique_rows

TABLES = arrays(
    np.int64, st.tuples(st.integers(0, 40), st.integers(1, 5)), elements=st.integers(-3, 3)
)


def check(rows: np.ndarray) -> None:
    first, group = unique_rows(rows)
    _, expected = np.unique(rows, axis=0, return_inverse=True)
    expected = expected.reshape(-1)
    assert len(first) == len(np.unique(expected))
    np.testing.assert_array_equal(rows[first][group], rows)
    for number, row in enumerate(first):
        assert np.flatnonzero(group == number)[0] == row


@given(TABLES)
def test_as_numpy(rows: np.ndarray) -> None:
    check(rows)


def test_collisions_fall_back_to_sorting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes.unique_rows, "_ODD", (0,))
    check(np.array([[1, 2], [3, 4], [1, 2], [5, 6]]))
