"""Cohorts of which nobody answers, and networks that are down for a while."""

from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from flwr.app import Message
from flwr.serverapp.strategy import FedAvg

from lowcarb import CarbonAware, Fairness, Ledger
from tests.helpers.flower_app import carbon_aware, cohorts, grid, run
from tests.helpers.flower_grid import InProcessGrid


def names(nodes: Collection[int]) -> set[str]:
    return {f"client-{node - 1000:02d}" for node in nodes}


class Deadly:
    """Kills the first clients that are asked to train: so many of them, for ever.

    Parameters
    ----------
    most
        How many.
    what
        Their answer from then on.
    """

    def __init__(self, most: int, what: str = "error") -> None:
        self.most, self.what = most, what
        self.dead: list[int] = []

    def __call__(self, node: int, message: Message) -> str | None:
        if message.metadata.message_type != "train" or "arrays" not in message.content:
            return None
        if node not in self.dead and len(self.dead) < self.most:
            self.dead.append(node)
        return self.what if node in self.dead else None


def deadly(
    most: int, rounds: int, what: str = "error", **options: object
) -> tuple[CarbonAware, set[str]]:
    """Train twelve clients, three at a time, of which the first ones that are asked are dead."""
    fault = Deadly(most, what)
    strategy = carbon_aware(FedAvg(), cohort_size=3, **options)
    run(strategy, grid(12, fault=fault), rounds=rounds)
    return strategy, names(fault.dead)


def lost(strategy: CarbonAware) -> int:
    return sum(not booked.aggregated for booked in strategy.account.rounds)


@pytest.mark.parametrize("what", ["error", "silent", "dead"])
@pytest.mark.parametrize("fairness", [Fairness(), Fairness(min_share=1), Fairness(min_share=0)])
def test_a_dead_cohort_costs_a_short_training_one_round(what: str, fairness: Fairness) -> None:
    strategy, dead = deadly(3, 3, what, fairness=fairness)
    assert [set(cohort) & dead for cohort in cohorts(strategy)] == [dead, set(), set()]
    assert [booked.aggregated for booked in strategy.account.rounds] == [False, True, True]


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_of_six_rounds_a_dead_cohort_costs_one(share: float) -> None:
    strategy, _ = deadly(3, 6, fairness=Fairness(min_share=share))
    assert lost(strategy) == 1


@pytest.mark.parametrize("most", [6, 9])
def test_each_healthy_client_is_asked_before_a_dead_one_is_asked_again(most: int) -> None:
    strategy, dead = deadly(most, 12, fairness=Fairness(min_rounds=2))
    asked = cohorts(strategy)
    silent = most // 3
    assert {name for cohort in asked[:silent] for name in cohort} == dead
    assert sum(map(len, asked[:silent])) == most
    assert not set(asked[silent]) & dead
    # They are tried again, but never make up a whole cohort, and take nobody its turns.
    again = [set(cohort) & dead for cohort in asked[silent:]]
    assert any(again)
    assert lost(strategy) == silent
    assert set(strategy.account.owed) == dead


def outage(on: InProcessGrid, first: int, last: int) -> Callable[[int, Message], str | None]:
    """Let nobody be heard in some rounds."""

    def fault(_node: int, message: Message) -> str | None:
        if message.metadata.message_type != "train" or "arrays" not in message.content:
            return None
        number = int(str(message.content.config_records["config"]["server-round"]))
        return "silent" if first <= number <= last else None

    on.fault = fault
    return fault


@pytest.mark.parametrize("first", [*(pytest.param(r, marks=pytest.mark.slow) for r in (1, 12)), 30])
def test_nobody_is_ruined_by_a_network_that_was_down(first: int) -> None:
    on = grid(12)
    outage(on, first, first + 3)
    strategy = carbon_aware(FedAvg(), cohort_size=3, fairness=Fairness(min_rounds=6))
    run(strategy, on, rounds=40)
    account = strategy.account
    assert [b.number for b in account.rounds if not b.aggregated] == list(range(first, first + 4))
    assert account.owed == {}
    # Each was asked once while nobody was heard.
    asked = [name for cohort in cohorts(strategy)[first - 1 : first + 3] for name in cohort]
    assert len(set(asked)) == len(asked) == 12


def test_a_dead_cohort_is_remembered_over_a_restart(tmp_path: Path) -> None:
    path, fault = tmp_path / "run.db", Deadly(3)
    on = grid(12, fault=fault)

    class Crash(Exception):
        pass

    def crash(number: int, _arrays: object) -> None:
        if number == 1:
            raise Crash

    strategy = carbon_aware(FedAvg(), cohort_size=3, ledger=path)
    with pytest.raises(Crash):
        run(strategy, on, rounds=3, evaluate_fn=crash)
    assert len(Ledger(path).account().rounds) == 1
    again = carbon_aware(FedAvg(), cohort_size=3, ledger=path)
    run(again, on, rounds=3)
    dead = names(fault.dead)
    assert [set(cohort) & dead for cohort in cohorts(again)] == [dead, set(), set()]


def test_a_client_that_fails_near_the_end_is_not_preferred_to_others() -> None:
    fault = Deadly(1)
    strategy = carbon_aware(FedAvg(), cohort_size=3, fairness=Fairness(min_share=0))
    run(strategy, grid(12, fault=fault), rounds=3)
    (dead,) = names(fault.dead)
    assert [dead in cohort for cohort in cohorts(strategy)] == [True, False, False]
