"""Trainings whose cohorts breathe, and strategies that cannot have any."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.app import Message
from flwr.serverapp.strategy import Bulyan, FedAvg, FedTrimmedAvg, Krum, MultiKrum, Strategy

from lowcarb import CarbonAware, Fairness, InputError, Ledger, StrategyError
from lowcarb.flower import training_run
from lowcarb.planning.policies import POLICIES, CandidateView, Choice, Planned
from lowcarb_solvers import Problem
from tests.helpers.changing_grid import changing
from tests.helpers.crashes import Crash, arrays, crash_in
from tests.helpers.flower_app import (
    carbon_aware,
    client_app,
    cohorts,
    grid,
    is_training,
    node_configs,
    run,
)
from tests.helpers.flower_grid import InProcessGrid
from tests.helpers.strategies import accounted, private

ROUNDS = 8
TOTAL = 5 * ROUNDS


def training(**options: Any) -> CarbonAware:
    asked = {"cohort_range": (2, 10), "fairness": Fairness(min_rounds=1), **options}
    return carbon_aware(asked.pop("strategy", FedAvg()), **asked)


def sizes(strategy: CarbonAware) -> list[int]:
    return [len(booked.turns) for booked in strategy.account.rounds]


def test_sizes_change_and_turns_in_all_stay() -> None:
    fixed, breathing = training(cohort_range=None), training()
    for strategy in (fixed, breathing):
        run(strategy, grid(), rounds=ROUNDS)
        assert sum(sizes(strategy)) == TOTAL
        assert not strategy.account.owed
    asked = breathing.account.training
    assert (asked.cohort_least, asked.cohort_most) == (2, 10)
    assert fixed.account.training.cohort_least is None
    assert set(sizes(fixed)) == {5}
    assert len(set(sizes(breathing))) > 1
    assert 2 <= min(sizes(breathing)) <= max(sizes(breathing)) <= 10
    assert (breathing.account.planned_g or 0) < (fixed.account.planned_g or 0)
    assert [booked.notes for booked in breathing.account.rounds] == [()] * ROUNDS


def test_a_range_of_one_size_changes_nothing() -> None:
    one, other = training(cohort_range=None), training(cohort_range="5..5")
    for strategy in (one, other):
        run(strategy, grid(), rounds=3)
    assert cohorts(one) == cohorts(other)


def test_the_first_round_says_the_range(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "flwr.lowcarb"):
        run(training(), grid(), rounds=2)
    assert "20 clients in 20 regions, 2 to 10 (5 on average) in each of 2 rounds" in caplog.text


def test_a_round_may_have_one_client_where_the_strategy_can_do_with_it() -> None:
    """All clients are in one region, so all turns but one a round fall into its clean hours."""
    strategy = training(strategy=FedAvg(min_train_nodes=1), cohort_range="1..20")
    run(strategy, InProcessGrid(client_app(), node_configs(20, regions=1)), rounds=ROUNDS)
    assert sum(sizes(strategy)) == TOTAL
    assert 1 in sizes(strategy)
    assert all(booked.aggregated for booked in strategy.account.rounds)


def test_a_random_cohort_is_as_large_as_each_rounds_own() -> None:
    strategy = training(policy=POLICIES["random"])
    run(strategy, grid(), rounds=3)
    fixed = training(policy=POLICIES["random"], cohort_range=None)
    run(fixed, grid(), rounds=3)
    assert sizes(strategy) == [5, 5, 5]
    assert [b.random_g for b in strategy.account.rounds] == [
        b.random_g for b in fixed.account.rounds
    ]
    breathing = training()
    run(breathing, grid(), rounds=3)
    for booked, usual in zip(breathing.account.rounds, fixed.account.rounds, strict=True):
        assert usual.random_g is not None
        assert booked.random_g == pytest.approx(usual.random_g * len(booked.turns) / 5)


def test_lost_turns_are_repaid_out_of_the_total() -> None:
    def fault(node: int, message: Message) -> str | None:
        fails = node in (1001, 1002, 1003) and is_training(message) and on.number <= 4
        return "error" if fails else None

    on, turn = changing(20, {})
    on.fault = fault
    strategy = training(fairness=Fairness(min_rounds=1))
    run(strategy, on, rounds=ROUNDS, evaluate_fn=turn)
    assert sum(sizes(strategy)) == TOTAL
    assert sum(strategy.account.turns.values()) < TOTAL
    assert not strategy.account.owed


def test_a_round_without_clients_is_made_up_for() -> None:
    on, turn = changing(20, {2: [1001], 3: []})
    strategy = training(fairness=Fairness(min_share=0), wait="1s")
    run(strategy, on, rounds=ROUNDS, evaluate_fn=turn)
    assert sizes(strategy)[1:3] == [1, 0]
    assert sum(sizes(strategy)) == TOTAL


def test_a_training_that_was_cut_off_goes_on_with_its_total(tmp_path: Path) -> None:
    whole = training()
    expected = run(whole, grid(), rounds=ROUNDS)
    path = tmp_path / "run.db"
    with pytest.raises(Crash):
        run(training(ledger=path), grid(), rounds=ROUNDS, evaluate_fn=crash_in(3))
    last = training(ledger=path)
    result = run(last, grid(), rounds=ROUNDS)
    assert arrays(result) == arrays(expected)
    assert cohorts(last) == cohorts(whole)
    assert sum(len(booked.turns) for booked in Ledger(path).account().rounds) == TOTAL


def test_one_object_that_trains_twice_goes_on_with_its_total() -> None:
    strategy = training(rounds=ROUNDS)
    run(strategy, grid(), rounds=3)
    run(strategy, grid(), rounds=ROUNDS - 3)
    assert sum(sizes(strategy)) == TOTAL


def test_spare_clients_come_on_top() -> None:
    strategy = training(over_selection=2, policy=POLICIES["round-robin"])
    run(strategy, grid(), rounds=2)
    assert sizes(strategy) == [7, 7]
    strategy = training(over_selection=2, enough=4)
    run(strategy, grid(), rounds=ROUNDS)
    assert sum(sizes(strategy)) == 7 * ROUNDS
    assert 4 <= min(sizes(strategy)) <= max(sizes(strategy)) <= 12


def test_a_policy_that_breaks_down_leaves_the_total_in_reach() -> None:
    """Those with the fewest turns stand in: as many as are usual, or as the total still allows."""

    def breaks(problem: Problem, _: CandidateView) -> Choice:
        if problem.rounds == ROUNDS:
            most = np.arange(int(problem.most[0]), dtype=np.int64)
            return Choice(cohort=most, by="most")
        raise ValueError("no")

    strategy = training(policy=breaks)
    run(strategy, grid(), rounds=ROUNDS)
    assert sizes(strategy)[0] == 10
    assert sum(sizes(strategy)) == TOTAL


def test_replies_are_weighed_by_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[int, float]] = []
    monkeypatch.setattr(training_run, "reweigh", lambda _r, ratios, _k: seen.append(dict(ratios)))
    strategy = training(debias=True)
    run(strategy, grid(), rounds=ROUNDS)
    turns, asked = Counter[str](), 0
    for number, booked in enumerate(strategy.account.rounds):
        asked += len(booked.turns)
        turns.update(turn.client for turn in booked.turns)
        share = min(number + 1, asked / 20)
        expected = [(share + 1) / (turns[turn.client] + 1) for turn in booked.turns]
        assert sorted(seen[number].values()) == pytest.approx(sorted(expected))
    assert len(set(sizes(strategy))) > 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"cohort_size": None}, "cohort_range: expected cohort_size beside it"),
        ({"cohort_range": "2-10"}, "such as 2..10, got '2-10'"),
        ({"cohort_range": (6, 10)}, "holds the cohort size 5, such as 5..10, got 6..10"),
        ({"cohort_range": (0, 10)}, "1 or more clients in each round"),
        ({"enough": 3}, "enough: expected 1 to 2, got 3"),
        ({"enough": 5, "over_selection": 2}, "enough: expected 1 to 4, got 5"),
    ],
)
def test_ranges_that_cannot_be_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        training(**options)


class Shares(FedAvg):
    """Aggregates securely, for all that can be seen from outside."""

    num_shares = 5


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        (FedAvg(min_train_nodes=3), "FedAvg with min_train_nodes=3 needs 3 clients"),
        (Krum(num_malicious_nodes=1), "Krum with num_malicious_nodes=1 needs 5 clients"),
        (Krum(), "Krum with num_malicious_nodes=0 needs 3 clients"),
        (MultiKrum(num_nodes_to_select=4), "MultiKrum with num_nodes_to_select=4 needs 4"),
        (Bulyan(num_malicious_nodes=1), "Bulyan with num_malicious_nodes=1 needs 7 clients"),
        (FedTrimmedAvg(beta=0.2), "FedTrimmedAvg with beta=0.2 needs 5 clients"),
        (Shares(), r"secure aggregation \(Shares\) shares secrets among one number"),
        (private("Fixed", clipping_norm=1.0), "differential privacy .* num_sampled_clients=7"),
        (accounted(), "differential privacy .* num_sampled_clients=7"),
    ],
)
def test_strategies_that_need_more_are_named(strategy: Strategy, words: str) -> None:
    size = 7 if "privacy" in words else 5
    with pytest.raises(StrategyError, match=words) as refused:
        training(strategy=strategy, cohort_size=size)
    assert str(refused.value).startswith("cohort_range=2..10: ")


def test_a_range_that_begins_where_they_need_it_is_taken() -> None:
    strategy = training(strategy=Krum(num_malicious_nodes=1), cohort_range=(5, 9), policy=Planned())
    run(strategy, grid(), rounds=2)
    assert sum(sizes(strategy)) == 10
    same = training(strategy=accounted(), cohort_size=7, cohort_range=(7, 7))
    run(same, grid(7), rounds=1)
    assert sizes(same) == [7]
