"""Pairs of whole numbers, as arguments and as texts."""

import pytest

from lowcarb._util.arguments import as_pair


@pytest.mark.parametrize(
    ("value", "pair"),
    [
        ("5..20", (5, 20)),
        (" 5 .. 20 ", (5, 20)),
        ((5, 20), (5, 20)),
        ([20, 5], (20, 5)),
        ("5-20", None),
        ("5", None),
        ("5..", None),
        ("1..2..3", None),
        ("-1..2", None),
        ("1.5..2", None),
        ("1.." + "9" * 10, None),
        ((1, 2, 3), None),
        ((1, True), None),
        ((1, 2.0), None),
        (7, None),
        (None, None),
    ],
)
def test_pairs_are_read_and_nothing_else_is(value: object, pair: tuple[int, int] | None) -> None:
    assert as_pair(value) == pair
