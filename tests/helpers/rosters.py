"""Rosters of a few clients, the rounds that they went through, and what a roster says of them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowcarb import Client, Fairness, Fleet
from lowcarb.ledger.entries import BookedRound, Member, Outcome, Turn
from lowcarb.training.candidates import Candidates
from lowcarb.training.client_state import Facts
from lowcarb.training.roster import Roster
from tests.helpers.data import START

ROUNDS, COHORT = 20, 2


def bounds(number: int, clients: int) -> tuple[int, int]:
    left = ROUNDS - number + 1
    share = min(Fraction(COHORT * left, clients), Fraction(left))
    return Fairness().joining(share, left, ROUNDS)


def roster(fleet: Fleet | None = None, members: Iterable[Member] = ()) -> Roster:
    return Roster(bounds, ROUNDS, fleet=fleet, members=members)


def said(**names: int) -> dict[int, Facts]:
    """Facts of clients by name, on the nodes given."""
    return {
        node: Facts(name=name, region="DE", energy_kwh=0.5, duration_s=1800.0)
        for name, node in names.items()
    }


def met(**names: int) -> Roster:
    one = roster()
    one.meet(names.values(), said(**names), 1)
    return one


def fleet(*names: str, floor: int = -1, cap: int = -1) -> Fleet:
    made = Fleet.from_clients(
        [Client(name=n, region="SE", energy_kwh=0.9, duration=timedelta(minutes=10)) for n in names]
    )
    return Fleet(
        **{
            **{key: value for key, value in vars(made).items() if key != "position"},
            "min_rounds": np.full(len(names), floor, dtype=np.int64),
            "max_rounds": np.full(len(names), cap, dtype=np.int64),
        }
    )


def booked(number: int, outcomes: Mapping[str, Outcome], **figures: Any) -> BookedRound:
    return BookedRound(
        number=number,
        start=START + number * timedelta(hours=1),
        turns=[
            Turn(
                client=name,
                region="DE",
                outcome=outcome,
                planned_kwh=0.5,
                **({"energy_kwh": 0.5} | figures),
            )
            for name, outcome in outcomes.items()
        ],
        solver="cbc",
        status="optimal",
        seconds=0.1,
        random_g=None,
        owed=0,
        aggregated=Outcome.TRAINED in outcomes.values(),
    )


def candidates(one: Roster, number: int = 2) -> Candidates:
    found = one.candidates(number)
    assert found is not None
    return found


def figures(found: Candidates) -> tuple[Any, ...]:
    """What decides about a round, to compare two standings."""
    fleet = found.fleet
    arrays = (
        fleet.region,
        fleet.energy_kwh,
        fleet.duration_s,
        fleet.min_rounds,
        fleet.max_rounds,
        found.turns,
        found.here,
        found.resting,
        found.trusted(2, 1).resting,
        found.trusted(3, 3).resting,
    )
    return (list(fleet.clients), list(fleet.regions), *(array.tolist() for array in arrays))


def named(found: Candidates, values: NDArray[Any]) -> dict[str, Any]:
    return {name: values[i].item() for i, name in enumerate(found.fleet.clients)}


def online(found: Candidates, rounds: int) -> NDArray[np.bool_]:
    """Who can work in which of the rounds left; somebody cannot."""
    known = found.online(rounds)
    assert known is not None
    return known
