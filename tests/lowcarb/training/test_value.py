"""What earlier rounds leave for the value of turns: the bound is that of the training."""

from dataclasses import replace

import pytest

from lowcarb.ledger.entries import BookedRound, Outcome
from lowcarb.planning.policies import Cheapest, Planned
from lowcarb.planning.value import Value
from lowcarb.training.value import with_savings
from tests.helpers.rosters import booked


def paid(number: int, planned_g: float, paid_g: float | None) -> BookedRound:
    """A round of one turn of half a kilowatt hour."""
    one = booked(number, {"a": Outcome.TRAINED}, intensity=planned_g / 0.5)
    return replace(one, paid_g=paid_g)


def test_what_is_not_paid_is_saved_up_and_the_last_price_is_where_the_next_one_is_looked_for() -> (
    None
):
    policy = Planned(value=Value(of="loss", max_extra_carbon=10))
    rounds = [paid(1, 110.0, 10.0), paid(2, 52.0, 2.0), paid(3, 70.0, None)]
    found = with_savings(policy, rounds, 0.5)
    assert isinstance(found, Planned)
    assert found.value is not None
    # Of 150 g by carbon alone in the rounds that are known, 15 g might have been paid, 12 g were.
    assert found.value.saved_up_g == pytest.approx(3)
    assert found.value.near_g == 0.5
    assert found.solvers == policy.solvers


def test_who_pays_for_nothing_stays_as_it_is() -> None:
    for policy in (Planned(), Cheapest()):
        assert with_savings(policy, [paid(1, 110.0, 10.0)], None) is policy
