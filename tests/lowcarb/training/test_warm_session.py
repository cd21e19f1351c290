"""Each round of a training begins from the prices of the round before, also after a restart."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowcarb import Fairness
from lowcarb.ledger import Ledger
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import POLICIES, Choice, Planned, Policy
from lowcarb.training.client_state import Facts
from lowcarb.training.clock import SimulatedClock
from lowcarb.training.identity import Identity
from lowcarb.training.session import Session
from lowcarb.training.settings import Settings
from lowcarb.training.turns import Reply
from lowcarb_solvers import Problem
from tests.helpers.begun_solver import BegunSolver
from tests.helpers.data import START
from tests.helpers.deciding import LEVELS, Levels

ROUNDS = 8
FACTS = {
    100 + i: Facts(name=f"a{i}", region=region, energy_kwh=0.5, duration_s=1800.0)
    for i, region in enumerate(LEVELS)
}


@dataclass(kw_only=True)
class Server:
    """Runs sessions of one training, one after the other."""

    policy: Policy
    ledger: Path | None = None
    begun: int = 0
    session: Session | None = field(default=None, init=False)

    def train(self, rounds: int, *, of: int = ROUNDS, leave_out: int = 0) -> None:
        """Start, train some rounds of a training, and end."""
        ledger = None if self.ledger is None else Ledger(self.ledger)
        if ledger is None:
            self._train(None, rounds, of, leave_out)
            return
        with ledger.writing() as book:
            self._train(book, rounds, of, leave_out)

    def _train(self, book: Any, rounds: int, of: int, leave_out: int) -> None:
        known = self.session if book is None else None
        before = book.account() if book is not None else known and known.account
        self.session = session = Session(
            Settings(
                provider=Levels(hours=tuple(1 + 0.1 * np.sin(np.arange(96.0)))),
                fairness=Fairness(min_rounds=1),
                every=timedelta(hours=1),
                ledger=None,
                fleet=None,
                typical=None,
                clock=SimulatedClock(START, sleep=lambda _seconds: None),
                policy=self.policy,
                seed=0,
                resume=True,
            ),
            book=book,
            rounds=of,
            cohort_size=2,
            identity=Identity(strategy="FedAvg"),
            before=before or None,
            known=known,
        )
        for number in range(session.done + 1, session.done + 1 + rounds):
            start = session.next_round.wait()
            session.meet(list(FACTS), FACTS, number)
            if number == leave_out:
                session.leave_out(number, start, "of a test")
                continue
            decision = session.next_round.decide(number, start)
            assert decision is not None
            asked = session.ask(decision, decision.nodes)
            session.close_round(asked, {node: Reply() for node in asked.nodes}, None, counts=True)
        session.close()


@pytest.mark.parametrize("kept", [False, True])
def test_prices_are_handed_on_from_round_to_round_and_over_a_restart(
    tmp_path: Path, kept: bool
) -> None:
    solver = BegunSolver()
    server = Server(policy=Planned((solver,)), ledger=tmp_path / "run.db" if kept else None)
    server.train(3)
    server.train(ROUNDS - 3)
    whole = BegunSolver()
    Server(policy=Planned((whole,))).train(ROUNDS)
    assert solver.starts == whole.starts
    first, *later = solver.starts
    assert first is None
    assert [len(start) for start in later if start is not None] == list(range(ROUNDS - 1, 0, -1))
    assert later[0] != later[1]


def test_another_training_begins_from_nothing() -> None:
    solver = BegunSolver()
    policy = Planned((solver,))
    Server(policy=policy).train(2)
    Server(policy=policy).train(2)
    assert [start is None for start in solver.starts] == [True, False, True, False]


def test_rounds_that_are_left_out_and_a_new_length_leave_each_round_its_price(
    tmp_path: Path,
) -> None:
    solver = BegunSolver()
    server = Server(policy=Planned((solver,)), ledger=tmp_path / "run.db")
    server.train(3, leave_out=3)
    assert server.session is not None
    prices = server.session._booking.prices
    assert prices is not None
    assert (prices.first, len(prices.prices)) == (2, ROUNDS - 1)
    # Rounds 4 to 12: five of them are known, the others get the median of these.
    server.train(1, of=12)
    known = prices.prices[2:].tolist()
    assert solver.starts[-1] == known + [np.median(known)] * 4
    server.train(1, of=6)
    assert len(solver.starts[-1] or []) == 2


DAMAGED = ["[1.0", "[]", "[null, null]", "[1e999]", "[1e300, -1e300, 1e300]", "[1.0]", "[0.0, 1.0]"]


@pytest.mark.parametrize("content", DAMAGED)
def test_no_prices_of_a_ledger_stop_or_change_a_training(tmp_path: Path, content: str) -> None:
    server = Server(policy=POLICIES["ilp"], ledger=tmp_path / "run.db")
    server.train(3)
    with closing(sqlite3.connect(tmp_path / "run.db")) as connection:
        connection.execute("UPDATE prices SET prices = ?", (content,))
        connection.commit()
    server.train(ROUNDS - 3)
    whole = Server(policy=POLICIES["ilp"])
    whole.train(ROUNDS)
    assert server.session is not None
    assert whole.session is not None
    assert _cohorts(server.session) == _cohorts(whole.session)
    assert len(server.session.account.rounds) == ROUNDS


def _cohorts(session: Session) -> list[list[str]]:
    return [[turn.client for turn in booked.turns] for booked in session.account.rounds]


def test_a_policy_of_ones_own_needs_no_prices_and_keeps_none(tmp_path: Path) -> None:
    def mine(problem: Problem, _: CandidateView) -> Choice:
        return Choice(cohort=np.arange(problem.cohort_size[0]), by="mine")

    server = Server(policy=mine, ledger=tmp_path / "run.db")
    server.train(3)
    with Ledger(tmp_path / "run.db").writing() as book:
        assert book.prices() is None
    server.train(2)
    assert server.session is not None
    assert server.session.done == 5
