"""Durations as people read them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb._util.times import as_duration, show_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.002214743, "0.0022 s"),
        (2.214743, "2.2 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (1200, "20 min"),
        (1234.5, "20 min 34 s"),
        (5400, "1 h 30 min"),
        (4 * 3600 + 29, "4 h"),
        (90_000, "1 d 1 h"),
    ],
)
def test_no_more_digits_than_it_needs(seconds: float, text: str) -> None:
    assert show_duration(timedelta(seconds=seconds)) == text


@given(st.floats(60, 30_000_000))
def test_what_is_shown_can_be_given(seconds: float) -> None:
    shown = show_duration(timedelta(seconds=seconds))
    assert as_duration(shown, "wait").total_seconds() == pytest.approx(seconds, rel=0.025)
