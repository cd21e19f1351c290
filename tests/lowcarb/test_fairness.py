"""Floors and caps in exact rationals of what was typed."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from lowcarb import Client, Fairness, Fleet, InputError
from lowcarb.fleet import UNSET


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
