"""Cohorts that breathe, played on recorded days."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lowcarb import InputError
from lowcarb.planning.policies import POLICIES, Planned
from lowcarb.replay import Backtest, Disruptions, Run, compare, draw_disruptions, sweep
from lowcarb_solvers import Greedy
from tests.helpers.recorded_days import RECORDING, ROUNDS, backtest

TOTAL = 4 * ROUNDS


def stage(cohort_range: tuple[int, int] | None, disruptions: Disruptions | None = None) -> Backtest:
    one = backtest(disruptions)
    return replace(one, planner=replace(one.planner, cohort_range=cohort_range))


def sizes(run: Run) -> list[int]:
    return [len(cohort) for cohort in run.cohorts]


def test_a_whole_replay_takes_as_many_turns_as_with_the_fixed_size() -> None:
    fixed, range_ = stage(None), stage((1, 12))
    ilp, oracle = range_.run("ilp", Planned()), range_.oracle(Planned())
    for run in (ilp, oracle):
        assert sum(sizes(run)) == TOTAL
        assert min(sizes(run)) >= 1
        assert max(sizes(run)) <= 12
        assert len(set(sizes(run))) > 1
        assert run.floors_met == 1
    assert oracle.realised_g < fixed.oracle(Planned()).realised_g
    assert oracle.realised_g <= ilp.realised_g
    assert range_.truth.random_cost == fixed.truth.random_cost


@pytest.mark.parametrize("name", POLICIES)
def test_totals_are_kept_with_dropouts_by_every_policy(name: str) -> None:
    drops = draw_disruptions(20, ROUNDS, dropout=0.2, seed=1)
    run = stage((1, 8), drops).run(name, POLICIES[name])
    assert sum(sizes(run)) == TOTAL
    assert int(run.turns.sum()) < TOTAL
    if name not in ("ilp", "regret", "greedy"):
        assert set(sizes(run)) == {4}
    else:
        assert 1 <= min(sizes(run)) <= max(sizes(run)) <= 8


def test_turns_that_nobody_was_there_for_are_made_up_for() -> None:
    """In three rounds only two clients are there: a fixed size loses six turns, a range none."""
    online = np.ones((20, ROUNDS), dtype=np.bool_)
    online[2:, 4:7] = False
    gone = Disruptions(online=online, announced=False)
    assert sum(sizes(stage(None, gone).run("ilp", Planned()))) == TOTAL - 6
    run = stage((1, 8), gone).run("ilp", Planned())
    assert sum(sizes(run)) == TOTAL
    assert max(sizes(run)[4:7]) <= 2


@pytest.mark.parametrize("policy", [Planned(), Planned((Greedy("regret"),))])
def test_a_range_of_one_size_plays_the_same(policy: Planned) -> None:
    one, other = stage(None).run("p", policy), stage((4, 4)).run("p", policy)
    assert [c.tolist() for c in one.cohorts] == [c.tolist() for c in other.cohorts]


def test_a_comparison_says_what_the_range_is() -> None:
    planner = stage((1, 12)).planner
    found = compare(
        planner, RECORDING, [backtest().start], {"ilp": Planned()}, oracle=Planned(), split=True
    )
    assert f"{ROUNDS} rounds of 1 to 12 (4 on average)" in repr(found)
    assert found.to_dict()["cohort_range"] == [1, 12]
    assert found.summaries["ilp"].empty_seats == found.summaries["ilp"].left_empty == 0
    assert found.clairvoyant


def swept(**options: Any) -> Any:
    planner = replace(backtest().planner, rounds=8)
    given = {"min_shares": ["0.5"], "cohort_sizes": [4], **options}
    return sweep(planner, RECORDING, [backtest().start], **given)


def test_a_sweep_has_ranges_as_an_axis() -> None:
    found = swept(cohort_ranges=["4..4", (1, 12)])
    assert [dict(point.values) for point in found.points] == [
        {"cohort_size": 4, "cohort_range": text, "min_share": "0.5"} for text in ("4..4", "1..12")
    ]
    assert found.to_dict()["axes"][1] == {"name": "cohort_range", "values": ["4..4", "1..12"]}
    assert [row["cohort_range"] for row in found.rows()] == ["4..4", "1..12"]
    oracles = [point.comparison.summaries["oracle"].realised_g for point in found.points]
    assert oracles[1] < oracles[0]
    plain = swept().points[0].comparison.summaries["ilp"].realised_g
    assert found.points[0].comparison.summaries["ilp"].realised_g == plain


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ([], "cohort_range: expected a list of at least one value"),
        ("1..12", "cohort_range: expected a list"),
        (["1-12"], "such as 5..20, got '1-12'"),
        (["5..12"], "cohort size 4, cohort range 5..12, min share 0.5: cohort range: expected"),
        (["1..21"], "expected up to 20 clients"),
        (["1..12", (1, 12)], "1..12 is named twice"),
    ],
)
def test_ranges_that_cannot_be_are_refused(ranges: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        swept(cohort_ranges=ranges)
