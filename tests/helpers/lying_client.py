"""A training of 20 clients and 48 hourly rounds; its first client is not like the others."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lowcarb import Fairness
from lowcarb.fleet.fleet import Fleet
from lowcarb.ledger.account import Account
from lowcarb.planning.policies import POLICIES
from lowcarb.training.client_state import Facts
from lowcarb.training.clock import SimulatedClock, WallClock
from lowcarb.training.identity import Identity
from lowcarb.training.session import Session
from lowcarb.training.settings import Settings
from lowcarb.training.turns import Reply
from tests.helpers.data import START, invented_forecast
from tests.helpers.flower_app import Invented

CLIENTS, ROUNDS, COHORT, FLOOR = 20, 48, 5, 6
HOUR = timedelta(hours=1)
LIAR = "client-00"
FORECAST = invented_forecast(hours=24 * 30)

Say = Callable[[Facts], Facts]
Measure = Callable[[Reply], Reply]


def kwh(i: int) -> float:
    """What a round of client number i really burns."""
    return 0.1 + 0.01 * (i % 7)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a training came to, by what really happened."""

    account: Account
    true_g: float
    others_g: float
    turns: dict[str, int] = field(default_factory=dict)


@dataclass
class _Now:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def train(
    say: Say = lambda facts: facts,
    measure: Measure = lambda reply: reply,
    *,
    minutes: float = 30,
    simulated: bool = False,
    lasts: Callable[[bool], timedelta] = lambda _slow: timedelta(),
    every: timedelta | None = HOUR,
    fleet: Fleet | None = None,
    policy: str = "regret",
) -> Outcome:
    """Train; all say and measure what is true, the first one what `say` and `measure` make of it.

    Parameters
    ----------
    say, measure
        Change the first client's facts and replies.
    minutes
        What the first client really works for.
    simulated
        Whether time is only imagined.
    lasts
        How long a round lasts by the clock, with and without the first client.
    every, fleet, policy
        As in `CarbonAware`.
    """
    now = _Now()
    clock: Any = WallClock(now=now, sleep=now.sleep)
    session = Session(
        Settings(
            provider=Invented(FORECAST),
            fairness=Fairness(),
            every=every,
            ledger=None,
            fleet=fleet,
            typical=None,
            clock=SimulatedClock(START, every=HOUR) if simulated else clock,
            policy=POLICIES[policy],
            seed=0,
            resume=True,
        ),
        book=None,
        rounds=ROUNDS,
        cohort_size=COHORT,
        identity=Identity(strategy="FedAvg"),
    )
    facts = {
        100 + i: Facts(
            name=f"client-{i:02d}",
            region=f"R{i:02d}",
            energy_kwh=kwh(i),
            duration_s=60 * (minutes if not i else 30),
        )
        for i in range(CLIENTS)
    }
    facts[100] = say(facts[100])
    true_g: dict[str, list[float]] = {said.name: [] for said in facts.values()}
    for number in range(1, ROUNDS + 1):
        start = session.next_round.wait()
        new = {node: facts[node] for node in session.strangers(list(facts))}
        session.meet(list(facts), new, number)
        decision = session.next_round.decide(number, start)
        assert decision is not None
        replies = {}
        for node in decision.nodes:
            i = node - 100
            length = timedelta(minutes=minutes if not i else 30)
            intensity = FORECAST.of(f"R{i:02d}").mean(start, length)
            assert intensity is not None
            true_g[f"client-{i:02d}"].append(kwh(i) * intensity)
            reply = Reply(energy_kwh=kwh(i), measured="power", seconds=length.total_seconds())
            replies[node] = reply if i else measure(reply)
        now.at += lasts(100 in replies)
        session.close_round(decision, replies, [1])
    account = session.account
    session.close()
    others = [g for name, grams in true_g.items() if name != LIAR for g in grams]
    return Outcome(
        account=account,
        true_g=sum(map(sum, true_g.values())),
        others_g=sum(others) / len(others),
        turns=account.turns,
    )
