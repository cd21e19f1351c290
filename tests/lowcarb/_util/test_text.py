"""Figures in words."""

import pytest

from lowcarb._util.text import ordinal


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *[(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th")],
        *[(21, "21st"), (102, "102nd"), (111, "111th"), (0, "0th")],
    ],
)
def test_places_in_a_row(number: int, text: str) -> None:
    assert ordinal(number) == text
