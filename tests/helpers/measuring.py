"""Clients that measure what their rounds take, in a training with no messages."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from lowcarb import Fairness
from lowcarb.ledger.account import Account
from lowcarb.planning.policies import POLICIES
from lowcarb.training.client_state import Facts
from lowcarb.training.clock import WallClock
from lowcarb.training.decision import Decision
from lowcarb.training.identity import Identity
from lowcarb.training.session import Session
from lowcarb.training.settings import Settings
from lowcarb.training.turns import Reply
from tests.helpers.data import START
from tests.helpers.deciding import Levels

KWH, SECONDS = 0.5, 1200.0
"""What a round of each client really takes."""


class _Now:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def measured(
    *,
    clients: int = 12,
    rounds: int = 24,
    cohort: int = 4,
    noise: float = 0.0,
    declared: float | None = 1.0,
    seed: int = 0,
    policy: str = "regret",
    factors: Callable[[int], float] = lambda _i: 1.0,
    min_share: float = 0.5,
) -> tuple[Account, list[Decision]]:
    """Train with clients that are alike in all but what their meters make of it.

    Parameters
    ----------
    noise
        Relative standard deviation of a measurement.
    declared
        What clients declare, over what is true; None if they declare nothing.
    factors
        What a client's rounds take, over what all take; by its number.
    clients, rounds, cohort, seed, policy, min_share
        As everywhere.
    """
    now, rng = _Now(), np.random.default_rng(seed)
    clock: Any = WallClock(now=now, sleep=now.sleep)
    session = Session(
        Settings(
            provider=Levels(hours=[1 + 0.3 * math.sin(hour / 4) for hour in range(24 * 8)]),
            fairness=Fairness(min_share=min_share),
            every=timedelta(hours=1),
            ledger=None,
            fleet=None,
            typical=None,
            clock=clock,
            policy=POLICIES[policy],
            seed=seed,
            resume=True,
        ),
        book=None,
        rounds=rounds,
        cohort_size=cohort,
        identity=Identity(strategy="FedAvg"),
    )
    given = None if declared is None else declared * KWH
    facts = {
        100 + i: Facts(name=f"c{i:02d}", region="DE", energy_kwh=given, duration_s=SECONDS)
        for i in range(clients)
    }
    decisions = []
    for number in range(1, rounds + 1):
        start = session.next_round.wait()
        session.meet(list(facts), facts if number == 1 else {}, number)
        decision = session.next_round.decide(number, start)
        assert decision is not None
        decisions.append(decision)
        replies = {
            node: Reply(
                energy_kwh=KWH * factors(node - 100) * (1 + noise * rng.standard_normal()),
                measured="power",
                seconds=SECONDS * (1 + noise * rng.standard_normal()),
            )
            for node in decision.nodes
        }
        session.close_round(decision, replies, [1])
    account = session.account
    session.close()
    return account, decisions


def repeats(decisions: list[Decision]) -> int:
    """How many cohorts are those of the round before."""
    cohorts = [frozenset(decision.clients) for decision in decisions]
    return sum(a == b for a, b in pairwise(cohorts))
