"""Figures in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb._util.text import kilograms, ordinal, three_figures


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *[(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th")],
        *[(21, "21st"), (102, "102nd"), (111, "111th"), (0, "0th")],
    ],
)
def test_places_in_a_row(number: int, text: str) -> None:
    assert ordinal(number) == text


@pytest.mark.parametrize(
    ("grams", "text"),
    [
        (0.0, "0 kg"),
        (2400.0, "2.40 kg"),
        (-90.3, "-0.0903 kg"),
        (192_345.0, "192 kg"),
        (1_234_567.0, "1,235 kg"),
        (0.01, "1e-05 kg"),
    ],
)
def test_kilograms_have_three_figures(grams: float, text: str) -> None:
    assert kilograms(grams) == text


@given(st.floats(1e-4, 1e9))
def test_three_figures_are_near(value: float) -> None:
    shown = float(three_figures(value).replace(",", ""))
    assert shown == pytest.approx(value, rel=0.0051)
