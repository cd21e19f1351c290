"""Limits of a training: kept in each round and over restarts, said once where they cannot be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import CarbonAware, Fairness, Fleet, InputError, Ledger
from lowcarb.fleet.fleet_table import UNSET
from lowcarb.planning.policies import POLICIES, Planned
from lowcarb_solvers import Cbc, Flow, Greedy, chain
from tests.helpers.crashes import Crash, crash_in
from tests.helpers.flower_app import carbon_aware, client_app, cohorts, node_configs, run
from tests.helpers.flower_grid import InProcessGrid

ROUNDS = 6
CONFIGS = node_configs(12, regions=3)
REGION = {str(one["client-id"]): str(one["region"]) for one in CONFIGS.values()}


def on(configs: Mapping[int, Mapping[str, Any]] = CONFIGS) -> InProcessGrid:
    return InProcessGrid(client_app(), {node: dict(one) for node, one in configs.items()})


def aware(*limits: str, **options: Any) -> CarbonAware:
    given = {"cohort_size": 4, "fairness": Fairness(min_share=0), **options}
    return carbon_aware(FedAvg(), limits=limits, **given)


def fleet(**attributes: Any) -> Fleet:
    names = [str(one["client-id"]) for one in CONFIGS.values()]
    return Fleet(
        clients=names,
        regions=["R00", "R01", "R02"],
        region=np.arange(12) % 3,
        energy_kwh=np.linspace(0.1, 0.2, 12),
        duration_s=np.full(12, 1800.0),
        min_rounds=np.full(12, UNSET),
        max_rounds=np.full(12, UNSET),
        attributes=attributes,
    )


def counts(strategy: CarbonAware, region: str) -> list[int]:
    return [sum(REGION[name] == region for name in cohort) for cohort in cohorts(strategy)]


def assert_rested(taken: list[list[str]], rest: int) -> None:
    for j, cohort in enumerate(taken):
        for later in taken[j + 1 : j + 1 + rest]:
            assert not set(cohort) & set(later)


def test_limits_are_kept_in_every_round() -> None:
    strategy = aware("region <= 2", "region=R02 >= 1", rest=1)
    run(strategy, on(), rounds=ROUNDS)
    for region in ("R00", "R01", "R02"):
        assert max(counts(strategy, region)) <= 2
    assert min(counts(strategy, "R02")) >= 1
    assert_rested(cohorts(strategy), 1)


def test_limits_are_kept_where_cohorts_breathe() -> None:
    limits = ("region <= 3", "region=R02 >= 1", "region=R02 <= 8 in all")
    strategy = aware(*limits, rest=1, cohort_range=(2, 6))
    run(strategy, on(), rounds=ROUNDS)
    taken = [len(cohort) for cohort in cohorts(strategy)]
    assert sum(taken) == 4 * ROUNDS
    assert 2 <= min(taken) < max(taken) <= 6
    assert max(max(counts(strategy, region)) for region in ("R00", "R01", "R02")) <= 3
    assert min(counts(strategy, "R02")) >= 1
    assert sum(counts(strategy, "R02")) <= 8
    assert_rested(cohorts(strategy), 1)


def test_limits_go_on_over_a_restart(tmp_path: Path) -> None:
    """Rest and a budget of turns know what was booked before."""
    path = tmp_path / "run.db"
    limits = ("region=R02 = 5 in all",)
    with pytest.raises(Crash):
        run(aware(*limits, rest=1, ledger=path), on(), ROUNDS, evaluate_fn=crash_in(3))
    assert len(Ledger(path).account().rounds) == 3
    last = aware(*limits, rest=1, ledger=path)
    run(last, on(), ROUNDS)
    assert_rested(cohorts(last), 1)
    assert sum(counts(last, "R02")) == 5
    assert len(Ledger(path).account().rounds) == ROUNDS


def test_shares_are_of_the_cohort_and_of_the_whole_training(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    # 5 of 24 turns, of which some are over when it is begun again, and 2 of 4 seats.
    limits = ("region=R02 <= 23% in all", "region=R02 >= 20 % in all", "region <= 60%")
    with pytest.raises(Crash):
        run(aware(*limits, ledger=path), on(), ROUNDS, evaluate_fn=crash_in(3))
    last = aware(*limits, ledger=path)
    run(last, on(), ROUNDS)
    assert sum(counts(last, "R02")) == 5
    assert max(max(counts(last, region)) for region in ("R00", "R01", "R02")) == 2


def test_a_budget_counts_what_is_booked(caplog: pytest.LogCaptureFixture) -> None:
    free = aware("region <= 4")
    run(free, on(), ROUNDS)
    grams = free.account.realised_g or 0.0
    tight = aware("region=R02 >= 1", budget_kg=0.5 * grams / 1000)
    run(tight, on(), ROUNDS)
    said = [text for text in caplog.messages if "cannot be kept: limit 'kg <= " in text]
    assert len(said) == 1
    assert "all rounds have" in said[0]
    assert "stands against seats" in said[0]
    noted = [note for one in tight.account.rounds for note in one.notes if "'kg <= " in note]
    assert len(noted) == ROUNDS


def test_what_cannot_be_kept_is_said_once_with_its_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    strategy = aware("region=R01 >= 3", "region=R02 >= 2")
    run(strategy, on(), 3)
    said = [text for text in caplog.messages if "lowcarb: limits: " in text]
    (both,) = [text for text in said if "contradict each other" in text]
    assert "'region=R01 >= 3' and 'region=R02 >= 2' and seats" in both
    (broken,) = [text for text in said if "cannot be kept: limit " in text]
    assert "has 1 client too few: contradicts" in broken
    assert all(len(one.turns) == 4 for one in strategy.account.rounds)
    assert all(any("too few" in note for note in one.notes) for one in strategy.account.rounds)


def test_samples_from_the_fleet() -> None:
    samples = np.array([100.0] * 11 + [1000.0])
    strategy = aware("samples >= 1300", fleet=fleet(samples=samples), cohort_size=4)
    run(strategy, on(), 3)
    assert all("client-11" in cohort for cohort in cohorts(strategy))


def test_samples_that_clients_declare(caplog: pytest.LogCaptureFixture) -> None:
    configs = {
        node: {**one, "samples": 1000 if one["client-id"] == "client-11" else 100}
        for node, one in CONFIGS.items()
    }
    del configs[1000]["samples"]
    strategy = aware("samples >= 1300")
    # What replies say of samples, 10 each, counts from the second round on.
    run(strategy, on(configs), 1)
    assert "client-11" in cohorts(strategy)[0]
    assert "samples of 1 client are unknown: they count as the others' median" in caplog.text


def test_samples_that_replies_say(caplog: pytest.LogCaptureFixture) -> None:
    """Each reply says 10 samples; before the first one nobody's are known."""
    strategy = aware("samples >= 50")
    run(strategy, on(), 3)
    asked, *said = [text for text in caplog.messages if "lowcarb: limits: " in text]
    assert asked == "lowcarb: limits: samples >= 50"
    assert "samples of no client are known yet: limits on them wait" in said[0]
    assert any("round 2 has 10 samples too little" in text for text in said)
    assert strategy.account.rounds[0].notes == ()


@pytest.mark.parametrize("policy", [None, Planned(chain(solver="greedy"))])
def test_without_a_forecast_greedy_keeps_what_it_can(policy: Planned | None) -> None:
    class Silent:
        def forecasts(self, *_: Any, **__: Any) -> Any:
            raise OSError("nothing")

    strategy = aware("region=R02 >= 3", "kg <= 1 in all", rest=1, provider=Silent(), policy=policy)
    run(strategy, on(), 3)
    assert min(counts(strategy, "R02")[:1]) >= 3
    assert_rested(cohorts(strategy), 1)
    notes = [note for one in strategy.account.rounds for note in one.notes]
    assert "greedy keeps the limits as far as it can, but those on grams" in notes


def test_greedy_stands_in_for_a_solver_that_fails(tmp_path: Path) -> None:
    broken = tmp_path / "cbc"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    policy = Planned((Greedy(), Cbc(path=str(broken))))
    strategy = aware("region <= 2", rest=1, policy=policy)
    run(strategy, on(), 3)
    assert max(counts(strategy, "R00")) <= 2
    assert_rested(cohorts(strategy), 1)
    for one in strategy.account.rounds:
        assert one.solver == "greedy"
        assert any(note.startswith("cbc failed") for note in one.notes)


def test_whom_no_limit_reaches_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    strategy = aware("group <= 2", fleet=fleet(group=[*("ab" * 5), "", ""]))
    run(strategy, on(), rounds=2)
    (said,) = [text for text in caplog.messages if "no limit on a group reaches" in text]
    assert "group of 2 clients is blank" in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"limits": ["attr:label >= 2"]}, "limit 'attr:label >= 2': no client says its attr:label"),
        ({"limits": ["group=a >= 2"]}, "no client says its group; give a fleet with that column"),
        ({"limits": ["value >= 2"]}, "no client says its value"),
        ({"limits": ["kwh group=a <= 2"]}, "no client says its group"),
        ({"limits": ["group=a >= 2"], "fleet": fleet()}, "expected a column of names"),
        ({"limits": ["value >= 2"], "fleet": fleet()}, "the clients have no column value"),
        ({"limits": ["region=XX >= 2"], "fleet": fleet()}, "no client has region=XX"),
        ({"limits": ["region=A >= 3", "region=A <= 2"]}, "contradicts 'region=A >= 3'"),
        ({"limits": ["region < 2"]}, "limit 'region < 2': expected WHAT <= NUMBER"),
        ({"limits": "region <= 2"}, "limits: expected a list of limits, such as"),
        ({"limits": [4]}, "limits: expected a list of limits, such as"),
        ({"limits": 4}, "limits: expected a list of limits, such as"),
        ({"limits": "none.toml"}, "none.toml: cannot be read"),
        ({"budget_kg": -1}, "budget_kg: expected kilograms"),
        ({"budget_kg": "5"}, "budget_kg: expected kilograms"),
        ({"budget_kg": 1e308}, "budget_kg: limit 'kg <= 1e+308 in all': expected a smaller number"),
        ({"rest": 1.5}, "rest: expected whole rounds"),
        ({"rest": "2"}, "rest: expected whole rounds"),
        ({"rest": 10**9}, "rest: limit 'rest >= 1000000000': expected whole rounds"),
        ({"rest": 1, "limits": ["rest >= 2"]}, "rest: limit 'rest >= 1': expected one rest, got"),
        (
            {"rest": 1, "limits": ["region <= 2"], "deadline": "2030-01-01T00:00Z"},
            "got deadline beside 'region <= 2'; leave out deadline, or limits and rest",
        ),
        (
            {"limits": ["region <= 40%"], "cohort_range": (2, 6)},
            "limit 'region <= 40%': expected a number where rounds have 2 to 6 clients",
        ),
        ({"rest": 1, "policy": POLICIES["greedy"]}, "rest: policy Planned knows nothing of 'rest"),
        ({"rest": 1, "policy": POLICIES["random"]}, "policy Random knows nothing of"),
        ({"rest": 1, "policy": Planned((Flow(),))}, "flow knows nothing of limits"),
        ({"rest": 1, "deadline": "2030-01-01T00:00Z"}, "got deadline beside 'rest >= 1'"),
    ],
)
def test_what_cannot_be_is_refused_at_once(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        carbon_aware(FedAvg(), **{"cohort_size": 4, **options})
    assert words in str(caught.value)


CROSSED = ("region >= 2", "region=R02 <= 1")


def test_limits_that_contradict_each_other_once_clients_are_known() -> None:
    with pytest.raises(InputError, match=r"limit 'region=R02 <= 1': contradicts 'region >= 2'"):
        run(aware(*CROSSED), on(), 2)


def test_a_newcomer_with_whom_limits_contradict_each_other_ends_no_training(
    caplog: pytest.LogCaptureFixture,
) -> None:
    late = [node for node, one in CONFIGS.items() if one["region"] == "R02"]
    there = on()
    get = there.get_node_ids
    strategy = aware(*CROSSED)

    def but_late() -> list[int]:
        begun = strategy._runs.newest is not None and strategy.account.rounds
        return [node for node in get() if begun or node not in late]

    there.get_node_ids = but_late  # type: ignore[method-assign]
    run(strategy, there, 3)
    assert [len(one.turns) for one in strategy.account.rounds] == [4, 4, 4]
    assert caplog.text.count("contradicts 'region >= 2'") == 1
    assert "they are not looked at any more" in caplog.text


def test_a_file_of_limits(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text('limits = ["region=R02 >= 2"]\n')
    strategy = carbon_aware(FedAvg(), cohort_size=4, limits=path, rest=1)
    run(strategy, on(), 3)
    assert min(counts(strategy, "R02")) >= 2
