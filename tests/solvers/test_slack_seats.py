"""Empty seats: what they cost at prices, and how they respond to them."""

import numpy as np
import pytest

from lowcarb_solvers.slack_seats import SlackSeats
from tests.helpers.breathing import least_of_slack


def random_slack(seed: int) -> tuple[SlackSeats, np.random.Generator]:
    rng = np.random.default_rng(seed)
    width = rng.integers(0, 5, int(rng.integers(1, 9)))
    width[0] = max(1, width[0])
    return SlackSeats(width=width, total=int(rng.integers(0, width.sum() + 1))), rng


@pytest.mark.parametrize("block", range(4))
def test_what_they_cost_at_least_agrees_with_a_linear_program(block: int) -> None:
    for seed in range(50 * block, 50 * block + 50):
        slack, rng = random_slack(seed)
        prices = rng.normal(0, 3, len(slack.width))
        seats = slack.width + rng.integers(0, 4, len(prices))
        penalty = None if seed % 2 else float(rng.uniform(0, 6))
        expected = least_of_slack(prices, slack.width, slack.total, seats, penalty)
        assert slack.least(prices, seats, penalty) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_shares_sum_to_the_total_and_sharpen(seed: int) -> None:
    slack, rng = random_slack(seed)
    if not slack.total:
        return
    prices = rng.normal(0, 3, len(slack.width))
    for width in (10.0, 0.1, 1e-7):
        share = slack.respond(prices, width)
        assert slack.width @ share == pytest.approx(slack.total, abs=1e-5)
    worth = -float((slack.width * share) @ prices)
    assert worth == pytest.approx(slack.least(prices, slack.width, None), abs=1e-4)


def test_fixed_cohorts_have_no_empty_seats_but_missing_ones() -> None:
    none = SlackSeats(width=np.zeros(2, dtype=np.int64), total=0)
    assert none.missing(np.array([1, 2])) == 3
    assert none.least(np.array([5.0, 1.0]), np.array([2, 2]), 3.0) == -4.0
    some = SlackSeats(width=np.array([1, 1]), total=1)
    # One seat may be empty: a second one is missing to the total, a third one to its round as well.
    assert [some.missing(np.array(vacant)) for vacant in ([1, 0], [1, 1], [2, 1])] == [0, 1, 3]
    assert some.lost(np.array([0, 0])) == -1
