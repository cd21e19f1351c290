"""Deadlines as an axis of a sweep: each point is what a comparison of hours finds for it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lowcarb import Fairness, InputError, Planner
from lowcarb.planning.policies import Planned
from lowcarb.planning.slot_policies import slot_policies
from lowcarb.planning.slot_solver import SlotSearch
from lowcarb.replay import (
    Disruptions,
    FinishedTasks,
    HoursAfter,
    Processes,
    Sweep,
    compare_hours,
    starts_within,
    sweep,
)
from lowcarb.replay.axes import deadline_axis
from lowcarb_solvers import Greedy
from tests.helpers.recorded_days import RECORDING, fleet

# What is tested here is when; greedy cohorts take no time.
PLANNER = Planner(fleet=fleet(6), cohort_size=2, rounds=3, solvers=(Greedy(),))
STARTS = starts_within(RECORDING, replace(PLANNER, rounds=24), 2)
OPEN = "06:00-22:00 UTC"


def swept(**options: Any) -> Sweep:
    given: dict[str, Any] = {
        "min_shares": ["0", "1"],
        "cohort_sizes": [2],
        "deadlines": ["12h", "0.75d"],
        "open_hours": OPEN,
        **options,
    }
    return sweep(PLANNER, RECORDING, STARTS, **given)


@pytest.fixture(scope="module")
def found() -> Sweep:
    return swept()


def without_timing(found: Sweep) -> dict[str, Any]:
    return {key: value for key, value in found.to_dict().items() if key != "timing"}


def test_each_point_is_what_a_comparison_of_hours_finds(found: Sweep) -> None:
    assert [dict(point.values) for point in found.points] == [
        {"cohort_size": 2, "deadline_h": deadline, "min_share": share}
        for deadline in ("12h", "18h")
        for share in ("0", "1")
    ]
    assert (found.subject, found.policies) == ("ilp", ("ilp", "at-once"))
    solvers = PLANNER.solvers
    limit = Planned(solvers).time_limit
    policies = slot_policies(solvers, limit)
    for point in found.points[1:3]:
        alone = compare_hours(
            replace(PLANNER, fairness=Fairness(min_share=point.values["min_share"])),
            RECORDING,
            STARTS,
            {name: policies[name] for name in ("at-once", "ilp")},
            HoursAfter(
                within=timedelta(hours=12 if point.values["deadline_h"] == "12h" else 18),
                open_hours=OPEN,
            ),
            oracle=SlotSearch(solvers=solvers, time_limit=limit),
        )
        assert point.comparison.random_g.tolist() == alone.random_g.tolist()
        assert point.comparison.independent == alone.independent
        for name, summary in alone.summaries.items():
            mine = point.comparison.summaries[name]
            assert (mine.realised_g, mine.floors_met) == (summary.realised_g, summary.floors_met)


def test_columns_have_hours_as_numbers(found: Sweep) -> None:
    frame = found.to_frame()
    assert frame["deadline_h"].tolist() == [12, 12, 18, 18] * 2
    assert frame["policy"].tolist() == ["ilp"] * 4 + ["at-once"] * 4
    content = found.to_dict()
    assert content["axes"][1] == {"name": "deadline_h", "values": [12, 18]}
    assert repr(found).startswith("Sweep(4 points: 1 of cohort_size x 2 of deadline_h x 2 of")


def test_a_range_of_rounds_is_held_at_each_point() -> None:
    ranged = {"cohort_ranges": ["1..4"], "min_shares": ["0"], "fewest_rounds": 1}
    found = swept(**ranged)
    limit = Planned(PLANNER.solvers).time_limit
    policies = slot_policies(PLANNER.solvers, limit)
    for point in found.points:
        alone = compare_hours(
            replace(PLANNER, cohort_range=(1, 4), fairness=Fairness(min_share=0)),
            RECORDING,
            STARTS,
            {name: policies[name] for name in ("at-once", "ilp")},
            HoursAfter(
                within=timedelta(hours=12 if point.values["deadline_h"] == "12h" else 18),
                open_hours=OPEN,
                fewest_rounds=1,
            ),
            oracle=SlotSearch(solvers=PLANNER.solvers, time_limit=limit),
        )
        for name, runs in alone.runs.items():
            mine = point.comparison.runs[name]
            assert [run.realised_g for run in mine] == [run.realised_g for run in runs]
            held = [len(run.cohorts) for run in runs]
            assert point.rounds_held(name) == sum(held) / len(held)
            assert all(run.turns.sum() == 6 for run in mine)
        assert point.comparison.after == alone.after
    content = found.to_dict()
    assert (content["rounds"], content["fewest_rounds"]) == (3, 1)
    assert found.rows()[0]["rounds_held"] == found.points[0].rounds_held("ilp")
    assert "rounds_held" not in swept(deadlines=["12h"], min_shares=["0"]).rows()[0]


@pytest.mark.slow
def test_processes_and_whoever_goes_on_find_the_same(found: Sweep, tmp_path: Path) -> None:
    assert without_timing(swept(executor=Processes(workers=2))) == without_timing(found)
    path, told = str(tmp_path / "tasks"), list[int]()
    with FinishedTasks.opened(path, {}) as finished:
        swept(deadlines=["12h"], finished=finished)
    with FinishedTasks.opened(path, {}) as finished:
        # Of an earlier sweep in other units the same tasks are known again.
        again = swept(
            deadlines=["720min", timedelta(hours=18)],
            finished=finished,
            progress=lambda done, _: told.append(done),
        )
    assert told[0] == 4
    assert without_timing(again) == without_timing(found)
    kept = again.points[0].comparison.runs["ilp"][0]
    assert kept.starts == found.points[0].comparison.runs["ilp"][0].starts  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("48h", "48h"),
        ("2d", "48h"),
        ("90min", "90min"),
        ("36 h 50 min", "2210min"),
        ("90.5s", "90.5s"),
    ],
)
def test_deadlines_are_written_alike_and_exactly(given: str, text: str) -> None:
    assert deadline_axis([given]).values == (text,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"deadlines": ["12h", "720min"]}, "deadline: 12h is named twice"),
        ({"deadlines": []}, "deadline: expected a list of at least one value"),
        ({"deadlines": ["soon"]}, "deadline: expected a duration such as 30min"),
        (
            {"deadlines": ["2h"]},
            "cohort size 2, deadline 2h, min share 0: deadline: 3 rounds of ",
        ),
        ({"deadlines": None}, "open_hours: says which hours may be chosen until a deadline"),
        ({"fewest_rounds": 1}, "rounds: expected one number, got 1..3; fewer rounds than the most"),
        ({"fewest_rounds": 4, "cohort_ranges": ["1..4"]}, "fewest_rounds: "),
        (
            {"fewest_rounds": 1, "cohort_ranges": ["1..4"], "deadlines": None, "open_hours": None},
            "give a deadline (--deadline) beside it",
        ),
        ({"policies": {"ilp": Planned()}}, "policies: are not played where hours are chosen"),
        ({"disruptions": Disruptions()}, "disruptions: are not played where hours are chosen"),
        ({"open_hours": "noon"}, "open"),
        ({"deadlines": ["8000h"]}, "333 d 8 h from 2022-07-"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_played(
    options: dict[str, Any], message: str
) -> None:
    class Never:
        elsewhere = False

        def as_finished(self, *_: Any) -> Any:
            raise AssertionError("it was played")

    with pytest.raises(InputError) as caught:
        swept(executor=Never(), **options)
    assert message in caught.value.message
