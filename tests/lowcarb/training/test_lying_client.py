"""What one client among twenty can do to the others and to the account: next to nothing."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from tests.helpers.lying_client import LIAR, Outcome, train

LITTLE = 0.02
"""What the others' grams per turn and the account may be off by."""


@cache
def honest() -> Outcome:
    return train()


def check(one: Outcome) -> None:
    assert one.account.owed == {}
    assert one.others_g <= (1 + LITTLE) * honest().others_g
    assert one.account.realised_g == pytest.approx(one.true_g, rel=LITTLE)


@pytest.mark.parametrize("simulated", [False, True])
@pytest.mark.parametrize(
    "minutes",
    [pytest.param(120, marks=pytest.mark.slow), 480, pytest.param(1400, marks=pytest.mark.slow)],
)
def test_a_slow_honest_client_costs_the_others_nothing(minutes: float, simulated: bool) -> None:
    check(train(minutes=minutes, simulated=simulated))


def test_a_round_that_lasts_longer_moves_the_following_ones() -> None:
    one = train(minutes=480, lasts=lambda slow: timedelta(hours=8 if slow else 0.5))
    check(one)
    for booked, length in zip(one.account.rounds, one.account.lengths, strict=False):
        slow = LIAR in [turn.client for turn in booked.turns]
        assert length == timedelta(hours=8 if slow else 1)


def test_where_rounds_follow_at_once_a_slow_client_costs_the_others_nothing() -> None:
    like = train(every=None, lasts=lambda _slow: timedelta(hours=1))
    one = train(every=None, minutes=480, lasts=lambda slow: timedelta(hours=8 if slow else 1))
    assert one.others_g <= (1 + LITTLE) * like.others_g
    assert one.account.owed == {}


YEAR_S = 31_536_000.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("facts", "simulated"),
    [
        ({"duration_s": YEAR_S}, False),
        ({"duration_s": YEAR_S}, True),
        ({"energy_kwh": 0.0}, True),
        ({"energy_kwh": 1e-320}, True),
        ({"energy_kwh": 1e9}, True),
    ],
)
def test_what_a_client_says_of_itself_spoils_nothing(
    facts: dict[str, Any], simulated: bool, caplog: pytest.LogCaptureFixture
) -> None:
    one = train(lambda said: replace(said, **facts), simulated=simulated)
    check(one)
    assert one.turns[LIAR] <= 2 * honest().turns[LIAR]
    assert len([record for record in caplog.records if LIAR in record.message]) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "reply",
    [
        {"energy_kwh": 0.0},
        {"energy_kwh": 1e-300},
        {"energy_kwh": 1e-5},
        {"energy_kwh": 1e9},
        {"seconds": YEAR_S},
        {"seconds": 0.0},
    ],
)
def test_what_a_client_measures_spoils_nothing(
    reply: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    one = train(measure=lambda honest: replace(honest, **reply))
    check(one)
    assert one.turns[LIAR] <= 2 * honest().turns[LIAR]
    assert len([record for record in caplog.records if LIAR in record.message]) == 1


def test_a_client_of_which_nobody_else_gives_an_energy_breaks_no_scaling() -> None:
    check(
        train(
            lambda said: replace(said, energy_kwh=None),
            lambda reply: replace(reply, energy_kwh=1e-320),
        )
    )
