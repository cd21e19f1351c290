"""Shortfalls in sentences: one for a limit or a reason, however many rounds it is of."""

from dataclasses import replace
from typing import Any

import pytest

from lowcarb.planning.limit_words import no_price_said, seats_said, shortfalls_said
from lowcarb_solvers import LimitShortfall, RulePrice, Shortfall, Stage


def short(j: int | None, much: float, why: str = "why", *, above: bool = True) -> LimitShortfall:
    return LimitShortfall(
        stage=Stage.CAPS,
        rule="kg <= 3",
        round=j,
        short=much,
        short_of_reach=much,
        unit="g",
        bound=3000,
        above=above,
        why=why,
    )


def test_one_round_is_said_as_it_is() -> None:
    assert shortfalls_said([short(2, 50)], 1) == [
        "limit 'kg <= 3': round 3 has 50.0 g too much: why"
    ]
    assert shortfalls_said([short(None, 50)], 1) == [
        "limit 'kg <= 3': all rounds have 50.0 g too much: why"
    ]


def test_many_rounds_are_one_sentence_with_the_reason_of_the_worst() -> None:
    those = [short(j, 100 if j == 4 else 50, f"why {j}") for j in (2, 3, 4, 5, 6, 7, 8, 11)]
    assert shortfalls_said(those, 1) == [
        "limit 'kg <= 3': rounds 3 to 9 and 12 have at most 100.0 g too much: in round 5, why 4"
    ]


def test_the_same_everywhere_is_said_so() -> None:
    assert shortfalls_said([short(0, 5), short(1, 5)], 7) == [
        "limit 'kg <= 3': rounds 7 and 8 have 5 g too much each: why"
    ]


def test_both_sides_of_a_limit_are_two_sentences() -> None:
    assert len(shortfalls_said([short(0, 5), short(1, 5, above=False), short(2, 5)], 1)) == 2


def test_seats_of_one_reason_are_one_sentence() -> None:
    those = [
        Shortfall(short=s, unit="seats", client=None, round=j, why=why)
        for j, s, why in ((0, 1, "rest"), (1, 3, "rest"), (4, 2, "away"), (5, 2, "away"))
    ]
    assert seats_said(those, 1) == [
        "rounds 1 and 2 are 1 to 3 seats short: rest",
        "rounds 5 and 6 are 2 seats short each: away",
    ]
    assert seats_said(those[:1], 1) == ["round 1 is 1 seat short: rest"]
    assert seats_said([], 1) == []


@pytest.mark.parametrize(
    ("no_price", "words"),
    [
        ("out of reach", "one kg more changes what is too much by 6,000.0 g, not the carbon"),
        ("not kept", "with one kg more it is missed by 6,000.0 g less, so that emissions do not"),
        ("others", "with one kg more less is missing of other things"),
        ("unknown", "with one kg more no plan was found that is known to miss as little as"),
    ],
)
def test_why_a_limit_has_no_price(no_price: Any, words: str) -> None:
    price = RulePrice(rule="kg <= 2", unit="g", side="at most", step=1000.0, saved=1.0, off_by=0.0)
    assert no_price_said(price) is None
    none = replace(price, saved=None, less_missing=6000.0, no_price=no_price)
    said = no_price_said(none)
    assert said is not None
    assert "limit 'kg <= 2'" in said
    assert words in said
