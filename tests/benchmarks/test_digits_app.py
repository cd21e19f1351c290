"""The digits app on Flower's own loop: it learns, keeps to its policy, and counts its grams."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from digits.client_app import _held
from digits.settings import REGIONAL
from digits.world import World
from lowcarb import InputError, Ledger
from lowcarb.demo.scenario import START, Scenario
from lowcarb.planning.policies import POLICIES
from tests.helpers.digits_run import events, run


def test_fedavg_learns_and_is_charged_for_whom_it_asked(tmp_path: Path) -> None:
    grid = run(tmp_path, policy="fedavg", rounds=10, cohort_size=4)
    rounds = events(tmp_path, "round")
    assert [one["round"] for one in rounds] == list(range(11))
    assert rounds[0]["accuracy"] < 0.3
    (training,) = events(tmp_path, "training")
    assert training["accuracy"] == rounds[-1]["accuracy"]
    assert training["accuracy"] > 0.7

    asked = [node - 1000 for kind, node in grid.sent if kind == "train"]
    assert training["turns"] == [asked.count(client) for client in range(12)]
    scenario = Scenario(seed=0, clients=12)
    grams = 0.0
    for number in range(10):
        for i in asked[4 * number : 4 * number + 4]:
            client, begin = scenario.fleet[i], START + number * timedelta(hours=1)
            mean = scenario.actual.mean(client.region, begin, client.duration)
            grams += client.energy_kwh * mean
    assert training["emissions_g"] == pytest.approx(grams)


def test_emissions_grow_round_by_round_to_those_of_the_training(tmp_path: Path) -> None:
    run(tmp_path, policy="regret", rounds=5, cohort_size=4)
    grams = [one["emissions_g"] for one in events(tmp_path, "round")]
    assert grams[0] == 0
    assert grams == sorted(set(grams))
    (training,) = events(tmp_path, "training")
    assert grams[-1] == pytest.approx(training["emissions_g"])


def test_the_hard_case_runs_and_debiasing_changes_the_model_but_not_the_cohorts(
    tmp_path: Path,
) -> None:
    found = []
    for debias in (False, True):
        run(
            tmp_path,
            policy="regret",
            rounds=6,
            cohort_size=4,
            labels="regional",
            machines="alike",
            debias=debias,
        )
        found.append(events(tmp_path, "training")[0])
    assert found[0]["turns"] == found[1]["turns"]
    assert found[0]["loss"] != found[1]["loss"]
    world = World(seed=0, clients=12, rounds=6, alike=True)
    assert found[0]["random_g"] == pytest.approx(world.random_g(4))


def test_in_the_hard_case_clients_of_clean_regions_hold_the_first_labels() -> None:
    order = World(seed=0, clients=12, rounds=6).cleanest_first
    held = [_held(client, 12, REGIONAL, 0.5, 0).labels for client in order.tolist()]
    medians = [float(np.median(labels)) for labels in held]
    assert medians == sorted(medians)
    assert (medians[0], medians[-1]) == (0, 9)


def test_the_ledger_tells_the_same_as_the_report(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    run(tmp_path, rounds=12, cohort_size=4, ledger=str(path))
    account = Ledger(path).account()
    (training,) = events(tmp_path, "training")
    assert [len(booked.turns) for booked in account.rounds] == [4] * 12
    assert [account.turns[f"partition-{i}"] for i in range(12)] == training["turns"]
    assert sum(booked.realised_g or 0 for booked in account.rounds) == pytest.approx(
        training["emissions_g"]
    )
    assert sum(booked.planned_g or 0 for booked in account.rounds) == pytest.approx(
        training["planned_g"]
    )
    # Half of an equal share of 4 x 12 / 12 turns.
    assert {member.min_rounds for member in account.members} == {2}
    assert min(training["turns"]) == 2
    assert not account.owed


def test_policies_train_one_after_the_other_from_the_same_start(tmp_path: Path) -> None:
    names = ["fedavg", *POLICIES]
    path = tmp_path / "run.db"
    run(tmp_path, policy=",".join(names), rounds=6, cohort_size=4, ledger=str(path))
    starts = [one for one in events(tmp_path, "round") if one["round"] == 0]
    assert [one["policy"] for one in starts] == names
    assert len({one["accuracy"] for one in starts}) == 1
    trainings = {one["policy"]: one for one in events(tmp_path, "training")}
    assert list(trainings) == names
    assert all(sum(one["turns"]) == 24 for one in trainings.values())
    grams = {name: one["emissions_g"] for name, one in trainings.items()}
    assert grams["cheapest"] < grams["ilp"] <= 1.02 * grams["regret"] < grams["random"]
    assert min(trainings["cheapest"]["turns"]) == 0
    assert min(trainings["ilp"]["turns"]) == 1
    # FedAvg alone keeps no ledger.
    assert Ledger(path).account().number == len(POLICIES)


def test_no_floor_and_a_full_share(tmp_path: Path) -> None:
    turns = []
    for share in (0, 1):
        run(tmp_path, rounds=6, cohort_size=4, min_share=share)
        turns.append(events(tmp_path, "training")[0]["turns"])
    assert min(turns[0]) == 0
    assert turns[1] == [2] * 12


@pytest.mark.parametrize("policy", ["ilp", "random"])
def test_a_run_can_be_repeated_though_flower_draws_new_node_ids(
    tmp_path: Path, policy: str
) -> None:
    results = []
    for shuffled in (False, True):
        run(tmp_path, policy=policy, rounds=4, cohort_size=4, shuffled=shuffled)
        results.append(events(tmp_path, "training") + events(tmp_path, "round"))
    assert results[0] == results[1]


def test_more_clients_than_there_are_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cohort-size: expected at most the 3 clients, got 4"):
        run(tmp_path, clients=3, cohort_size=4)
