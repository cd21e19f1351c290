"""Figures in words."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb._util.text import (
    by_number,
    fitted,
    kilograms,
    one_decimal,
    ordinal,
    rounded,
    share_of,
    spans,
    three_figures,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *[(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th")],
        *[(21, "21st"), (102, "102nd"), (111, "111th"), (0, "0th")],
    ],
)
def test_places_in_a_row(number: int, text: str) -> None:
    assert ordinal(number) == text


def test_names_are_in_order_of_the_numbers_in_them() -> None:
    names = ["n-10", "n-2", "10", "9", "n", "a1b20", "a1b3"]
    assert sorted(names, key=by_number) == ["9", "10", "a1b3", "a1b20", "n", "n-2", "n-10"]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "none of it"), (1.0, "all of it"), (0.424, "42% of it"), (0.999, "over 99% of it")],
)
def test_a_share_of_all_or_nothing_is_called_so(share: float, text: str) -> None:
    assert share_of(share) == text


@given(st.text(), st.integers(4, 40))
def test_fitted_text_fills_its_columns(text: str, columns: int) -> None:
    wide = {"W": 2, "F": 2}
    shown = fitted(text, columns)
    assert columns == sum(
        0 if unicodedata.combining(c) else wide.get(unicodedata.east_asian_width(c), 1)
        for c in shown
    )


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


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([3], "round 3"),
        ([3, 4], "rounds 3 and 4"),
        ([12, *range(3, 10)], "rounds 3 to 9 and 12"),
        ([1, 3, 5, 6], "rounds 1, 3, 5 and 6"),
        (range(1, 24, 2), "rounds 1, 3, 5, 7, 9, 11, 13, 15 and 4 more"),
    ],
)
def test_runs_of_numbers_are_named_by_their_ends(numbers: Sequence[int], text: str) -> None:
    assert spans(numbers, "round") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(16.5, "16.5"), (16.0, "16"), (8760.26, "8760.3"), (0.04, "0")],
)
def test_one_decimal_stands_only_where_it_says_something(value: float, text: str) -> None:
    assert one_decimal(value) == text


@pytest.mark.parametrize(
    ("value", "figures", "text"),
    [
        (0.0, 3, "0"),
        (0.5, 3, "0.5"),
        (12.345, 3, "12.3"),
        (999.4, 3, "999"),
        (999.6, 3, "1,000"),
        (1234.5, 3, "1,234"),
        (-123456.0, 3, "-123,456"),
        (1234.56, 6, "1,234.56"),
        (20000.0, 6, "20,000"),
        (1e6, 6, "1,000,000"),
        (120.0, 2, "120"),
        (1e99, 3, "1e+99"),
    ],
)
def test_large_numbers_are_written_wholly(value: float, figures: int, text: str) -> None:
    assert rounded(value, figures) == text
