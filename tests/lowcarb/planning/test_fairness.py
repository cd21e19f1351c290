"""Floors and caps in exact rationals of what was typed."""

import math
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import Client, Fairness, Fleet, InputError
from lowcarb.fleet.fleet_table import UNSET


@pytest.mark.parametrize(
    ("fairness", "cohort", "rounds", "clients", "expected"),
    [
        (Fairness(), 10, 48, 100, (2, 48)),
        (Fairness(min_share=0), 10, 48, 100, (0, 48)),
        (Fairness(min_share="0.5"), 10, 96, 100, (4, 96)),
        (Fairness(min_share=1), 10, 96, 100, (9, 10)),
        (Fairness(min_share=1, max_share=2), 10, 96, 100, (9, 20)),
        (Fairness(min_rounds=3), 10, 48, 100, (3, 48)),
        (Fairness(min_rounds=3, max_rounds=5), 10, 48, 100, (3, 5)),
        (Fairness(max_share="1.1"), 10, 100, 100, (5, 11)),
        # 0.7 x 10 is 7 exactly; in binary 0.7 * 10 happens to be 7 too, but 0.29 * 100 is not 29.
        (Fairness(min_share=0.29), 100, 100, 100, (29, 100)),
        (Fairness(min_share="0.29"), 100, 100, 100, (29, 100)),
        (Fairness(max_share="1.1"), 10, 10, 10, (5, 10)),
    ],
)
def test_shares_become_turns(
    fairness: Fairness, cohort: int, rounds: int, clients: int, expected: tuple[int, int]
) -> None:
    assert fairness.floor_and_cap(Fraction(cohort * rounds, clients), rounds) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"min_share": 0.5, "min_rounds": 1}, "min_share or min_rounds, not both"),
        ({"max_share": 2, "max_rounds": 1}, "max_share or max_rounds, not both"),
        ({"min_share": 1.5}, "min_share: expected 0 to 1, got 1.5"),
        ({"min_share": "-0.1"}, "min_share: expected 0 to 1"),
        ({"min_share": "half"}, "min_share: expected a number, got 'half'"),
        ({"min_share": float("nan")}, "min_share: expected a number"),
        ({"max_share": "0.9"}, "max_share: expected 1 or more"),
        ({"min_rounds": -1}, "min_rounds: expected 0 to 10000, got -1"),
        ({"max_rounds": 2**63}, "max_rounds: expected 0 to 10000"),
        ({"min_share": "1e-99999999"}, "min_share: expected a number, got '1e-99999999'"),
        ({"max_share": "1e999999"}, "max_share: expected a number"),
        ({"min_share": "\u0660.\u0665"}, "min_share: expected a number"),
        ({"min_rounds": 5, "max_rounds": 4}, "max_rounds 4 is below min_rounds 5"),
    ],
)
def test_what_is_wrong_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Fairness(**arguments)


def test_a_cap_below_the_floor_is_refused() -> None:
    with pytest.raises(InputError, match="cap of 6 turns is below the floor of 8"):
        Fairness(min_rounds=8, max_share="1.2").floor_and_cap(Fraction(5), 50)


def test_a_floor_above_the_rounds_is_refused() -> None:
    with pytest.raises(InputError, match="at most the 10 rounds of the training, got 20") as error:
        Fairness(min_rounds=20).floor_and_cap(Fraction(5), 10)
    assert error.value.field == "min_rounds"


def test_a_clients_own_bounds_come_first() -> None:
    clients = [
        Client(name=name, region="DE", energy_kwh=1, duration=timedelta(hours=1)) for name in "abcd"
    ]
    fleet = Fleet.from_clients(clients)
    object.__setattr__(fleet, "min_rounds", np.array([UNSET, 7, UNSET, 0]))
    object.__setattr__(fleet, "max_rounds", np.array([UNSET, UNSET, 1, UNSET]))
    at_least, at_most = Fairness(min_rounds=2, max_rounds=5).bounds(fleet, Fraction(3), 10)
    assert at_least.tolist() == [2, 7, 1, 0]
    assert at_most.tolist() == [5, 7, 1, 5]


@pytest.mark.parametrize(
    ("fairness", "share", "text"),
    [
        (Fairness(), Fraction(24, 5), "each client takes part at least 2 times"),
        (Fairness(min_rounds=1), Fraction(5), "each client takes part at least once"),
        (Fairness(), Fraction(1, 50), "no floor: 0.5 of 0.02 turns is less than one"),
        (Fairness(min_share=0), Fraction(5), "no floor: carbon alone decides"),
        (Fairness(min_share=1), Fraction(5, 2), "at least 2 times, at most 3 times"),
    ],
)
def test_it_says_what_it_means(fairness: Fairness, share: Fraction, text: str) -> None:
    assert text in fairness.describe(share, 48)


@pytest.mark.parametrize(
    ("fairness", "text"),
    [
        (Fairness(), "min_share 0.5"),
        (Fairness(min_share=0), "min_share 0"),
        (Fairness(min_rounds=2, max_share="1.5"), "min_rounds 2, max_share 1.5"),
        (Fairness(min_rounds=0, max_rounds=0), "min_rounds 0, max_rounds 0"),
        (Fairness(min_share="1/3", max_rounds=7), "min_share 1/3, max_rounds 7"),
    ],
)
def test_as_text_it_is_what_was_asked_for(fairness: Fairness, text: str) -> None:
    assert str(fairness) == text


@pytest.mark.parametrize(
    ("fairness", "left", "expected"),
    [
        # 4 of 10 clients in each of 20 rounds: an equal share of 8 turns, and of 0.4 a round left.
        (Fairness(), 20, (4, 20)),
        (Fairness(), 10, (2, 10)),
        (Fairness(), 4, (0, 4)),
        (Fairness(min_share=1), 10, (4, 4)),
        (Fairness(min_share=1), 4, (1, 2)),
        (Fairness(max_share="1.5"), 10, (2, 6)),
        (Fairness(min_rounds=8), 10, (4, 10)),
        (Fairness(min_rounds=7), 5, (1, 5)),
        (Fairness(min_rounds=8, max_rounds=8), 5, (2, 5)),
        (Fairness(max_rounds=3), 10, (2, 3)),
        # The floor gives way: 10 rounds of 15 on 10 left, but a cap of 4.4 turns.
        (Fairness(min_rounds=15, max_share="1.1"), 10, (5, 5)),
    ],
)
def test_who_joins_late_gets_its_part(
    fairness: Fairness, left: int, expected: tuple[int, int]
) -> None:
    assert fairness.joining(Fraction(4 * left, 10), left, 20) == expected


def test_a_contradiction_ends_a_training_only_as_it_begins() -> None:
    fairness = Fairness(min_rounds=15, max_share="1.1")
    with pytest.raises(InputError, match="cap of 9 turns is below the floor of 15"):
        fairness.joining(Fraction(8), 20, 20)
    # All but one client left, and then somebody comes.
    assert Fairness(min_share=1, max_rounds=10).joining(Fraction(18), 18, 20) == (10, 10)
    # The training goes on with fewer rounds than it began with.
    assert Fairness(min_rounds=8).joining(Fraction(3), 3, 6) == (3, 3)


shares = st.fractions(0, 1, max_denominator=20).map(str)


@given(
    st.one_of(
        shares.map(lambda share: {"min_share": share}),
        st.integers(0, 30).map(lambda rounds: {"min_rounds": rounds}),
    ),
    st.one_of(
        st.just({}),
        st.fractions(1, 3, max_denominator=9).map(lambda share: {"max_share": str(share)}),
        st.integers(30, 60).map(lambda rounds: {"max_rounds": rounds}),
    ),
    st.integers(1, 20),
    st.integers(1, 20),
    st.integers(1, 29),
)
def test_who_joins_late_never_ends_the_training(
    floor: dict[str, Any], cap: dict[str, Any], cohort: int, clients: int, left: int
) -> None:
    share = min(Fraction(cohort * left, clients), Fraction(left))
    least, most = Fairness(**floor, **cap).joining(share, left, 30)
    assert 0 <= least <= most <= left
    if not cap and "min_share" in floor:
        assert least == math.floor(Fraction(floor["min_share"]) * share)


def test_clients_with_bounds_of_their_own_are_counted_beside_the_rule() -> None:
    clients = [
        Client(name=name, region="DE", energy_kwh=1.0, duration=timedelta(hours=1))
        for name in "abc"
    ]
    fleet, rule = Fleet.from_clients(clients), "each client takes part at least 4 times"
    own_floor = replace(fleet, min_rounds=np.array([0, UNSET, UNSET]))
    both = replace(own_floor, max_rounds=np.array([5, UNSET, 3]))
    fairness = Fairness(min_rounds=4)
    assert fairness.describe(Fraction(8), 24) == rule
    assert fairness.describe(Fraction(8), 24, fleet) == rule
    assert fairness.describe(Fraction(8), 24, own_floor) == f"{rule}; own bounds: 1"
    assert fairness.describe(Fraction(8), 24, both) == f"{rule}; own bounds: 2"


@pytest.mark.parametrize("value", [1.5, "4", True])
def test_rounds_that_are_no_whole_number_are_refused(value: Any) -> None:
    for name in ("min_rounds", "max_rounds"):
        with pytest.raises(InputError, match=rf"{name}: expected a whole number, got {value!r}"):
            Fairness(**{name: value})
