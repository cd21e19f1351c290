"""A training within limits whose cohorts breathe: each round plans the rest, also begun again."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from lowcarb import Fairness, Ledger, Series
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.policies import Planned
from lowcarb.providers import Answer
from lowcarb.training.client_state import Facts
from lowcarb.training.clock import SimulatedClock
from lowcarb.training.identity import Identity
from lowcarb.training.session import Session
from lowcarb.training.settings import Settings
from lowcarb.training.turns import Reply
from tests.helpers.data import START
from tests.helpers.deciding import LEVELS

ROUNDS, COHORT = 8, 4
FACTS = {
    100 + i: Facts(name=f"a{i}", region=list(LEVELS)[i % 4], energy_kwh=0.5, duration_s=1800.0)
    for i in range(8)
}
REGION = {one.name: one.region for one in FACTS.values()}


class Swinging:
    """Intensities that swing from hour to hour, the same whenever they are asked for."""

    def forecasts(self, regions: Sequence[str], **_: Any) -> Answer:
        hours = np.arange(48, dtype=np.float64)
        times, swings = START.timestamp() + 3600.0 * hours, 1 + 0.5 * np.sin(hours)
        return {name: Series(times=times, values=LEVELS[name] * swings) for name in regions}, {}


def train(book: Any, rounds: int, **asked: Any) -> Session:
    """Train some rounds of a training, from what its book holds."""
    session = Session(
        Settings(
            provider=Swinging(),
            fairness=Fairness(min_share=0),
            every=timedelta(hours=1),
            ledger=None,
            fleet=None,
            typical=None,
            clock=SimulatedClock(START, sleep=lambda _seconds: None),
            policy=Planned(),
            seed=0,
            resume=True,
            **asked,
        ),
        book=book,
        rounds=ROUNDS,
        cohort_size=COHORT,
        identity=Identity(strategy="FedAvg"),
        before=book.account() or None,
        known=None,
    )
    for number in range(session.done + 1, session.done + 1 + rounds):
        start = session.next_round.wait()
        session.meet(list(FACTS), FACTS, number)
        decision = session.next_round.decide(number, start)
        assert decision is not None
        asked_of = session.ask(decision, decision.nodes)
        session.close_round(asked_of, {node: Reply() for node in asked_of.nodes}, None, counts=True)
    session.close()
    return session


def test_limits_and_the_total_last_over_a_restart(tmp_path: Path) -> None:
    limits = AskedLimits.of(["region=PL >= 1", "region <= 2", "region=PL <= 9 in all"])
    grams = {}
    for name, cohort_range in {"fixed": None, "range": (1, 6)}.items():
        for rounds in (3, ROUNDS - 3):
            with Ledger(tmp_path / f"{name}.db").writing() as book:
                session = train(book, rounds, limits=limits, cohort_range=cohort_range)
        booked = session.account.rounds
        regions = [[REGION[turn.client] for turn in one.turns] for one in booked]
        sizes = [len(one) for one in regions]
        assert sum(sizes) == COHORT * ROUNDS
        assert (len(set(sizes)) > 1) == (name == "range")
        assert all(one.count("PL") >= 1 for one in regions)
        assert all(one.count(region) <= 2 for one in regions for region in LEVELS)
        assert sum(one.count("PL") for one in regions) <= 9
        assert [note for one in booked for note in one.notes] == []
        grams[name] = session.account.planned_g or 0.0
    assert grams["range"] < grams["fixed"]
