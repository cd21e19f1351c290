"""Clients that a round chose and could not have: not written to, or not enough."""

from datetime import timedelta

import pytest

from lowcarb import Fairness
from lowcarb.planning.policies import POLICIES
from lowcarb.training.client_state import Facts
from lowcarb.training.clock import SimulatedClock
from lowcarb.training.decision import Decision
from lowcarb.training.identity import Identity
from lowcarb.training.session import Session
from lowcarb.training.settings import Settings
from tests.helpers.data import START
from tests.helpers.deciding import LEVELS, Levels

FACTS = {
    100 + i: Facts(name=f"a{i}", region=region, energy_kwh=0.5, duration_s=1800.0)
    for i, region in enumerate(LEVELS)
}


@pytest.fixture
def session() -> Session:
    return Session(
        Settings(
            provider=Levels(hours=(1.0,) * 48),
            fairness=Fairness(min_share=0),
            every=timedelta(hours=1),
            ledger=None,
            fleet=None,
            typical=None,
            clock=SimulatedClock(START, sleep=lambda _seconds: None),
            policy=POLICIES["regret"],
            seed=0,
            resume=True,
        ),
        book=None,
        rounds=12,
        cohort_size=2,
        identity=Identity(strategy="FedAvg"),
    )


def decide(session: Session, number: int) -> Decision:
    start = session.next_round.wait()
    session.meet(list(FACTS), FACTS if number == 1 else {}, number)
    decision = session.next_round.decide(number, start)
    assert decision is not None
    return decision


def chosen(decision: Decision) -> list[str]:
    return [asked.client.member.name for asked in decision.asked]


def test_who_is_chosen_and_not_written_to_makes_room_for_others(session: Session) -> None:
    first = decide(session, 1)
    assert chosen(first) == ["a0", "a1"]
    session.ask(first, first.nodes[:1])
    assert chosen(decide(session, 2)) == ["a0", "a2"]
    third = decide(session, 3)
    assert chosen(third) == ["a0", "a1"]
    session.ask(third, third.nodes[:1])
    assert [chosen(decide(session, number)) for number in (4, 5, 6)] == [
        ["a0", "a2"],
        ["a0", "a2"],
        ["a0", "a1"],
    ]


def test_where_others_are_not_enough_for_a_round_a_silent_cohort_is_asked_again(
    session: Session,
) -> None:
    first = decide(session, 1)
    session.close_round(session.ask(first, first.nodes), {}, None)
    # Its cohort is never asked.
    second = decide(session, 2)
    assert chosen(second) == ["a2", "a3"]
    session.leave_out(2, second.start, "the strategy waits for more nodes")
    assert chosen(decide(session, 3)) == ["a0", "a1"]


def test_a_round_that_is_left_out_because_nobody_is_there_forgives_nobody(
    session: Session,
) -> None:
    first = decide(session, 1)
    session.close_round(session.ask(first, first.nodes), {}, None)
    session.meet([], {}, 2)
    start = session.next_round.wait()
    assert session.next_round.decide(2, start) is not None
    session.leave_out(2, start, "nobody is online")
    session.meet(list(FACTS), FACTS, 3)
    third = session.next_round.decide(3, session.next_round.wait())
    assert third is not None
    assert chosen(third) == ["a2", "a3"]
