"""A sweep is a comparison at each point; points, axes and fronts."""

import os
import signal
from collections.abc import Sequence
from multiprocessing import active_children
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import Fairness, InputError, Planner
from lowcarb.planning.policies import POLICIES, Choice, Planned
from lowcarb.replay import (
    Disruptions,
    Processes,
    Sweep,
    compare,
    draw_disruptions,
    starts_within,
    sweep,
)
from lowcarb.replay.front import pareto_front
from lowcarb_solvers import Cbc, Greedy, Problem
from tests.helpers.recorded_days import RECORDING, fleet

ROUNDS = 4
PLANNER = Planner(fleet=fleet(8), cohort_size=2, rounds=ROUNDS, fairness=Fairness(max_share=3))
STARTS = starts_within(RECORDING, PLANNER, 2)


def swept(**options: Any) -> Sweep:
    given: dict[str, Any] = {"min_shares": ["0", "1"], "cohort_sizes": [2, 4], **options}
    return sweep(given.pop("planner", PLANNER), RECORDING, STARTS, **given)


@pytest.fixture(scope="module")
def found() -> Sweep:
    return swept()


def without_timing(found: Sweep) -> dict[str, Any]:
    return {key: value for key, value in found.to_dict().items() if key != "timing"}


def test_each_point_is_what_a_comparison_finds(found: Sweep) -> None:
    assert [dict(point.values) for point in found.points] == [
        {"cohort_size": size, "min_share": share} for size in (2, 4) for share in ("0", "1")
    ]
    for point in found.points:
        planner = Planner(
            fleet=PLANNER.fleet,
            cohort_size=point.values["cohort_size"],
            rounds=ROUNDS,
            fairness=Fairness(min_share=point.values["min_share"], max_share=3),
        )
        alone = compare(planner, RECORDING, STARTS, {"ilp": Planned()}, oracle=Planned())
        for name in ("ilp", "oracle"):
            assert point.comparison.policy_to_dict(name) == alone.policy_to_dict(name)


def test_rows_are_the_figures_of_the_points(found: Sweep) -> None:
    frame = found.to_frame()
    assert len(frame) == 4
    assert frame["cohort_size"].tolist() == [2, 2, 4, 4]
    assert frame["min_share"].tolist() == [0, 1, 0, 1]
    assert frame["floor"].tolist() == [0, 1, 0, 2]
    assert set(frame["policy"]) == {"ilp"}
    for k, point in enumerate(found.points):
        ilp, interval = point.comparison.summaries["ilp"], point.comparison.intervals["ilp"]
        row = frame.iloc[k]
        assert row["emissions_g"] == ilp.realised_g
        assert row["saved_vs_random_pct"] == 100 * ilp.saved
        assert interval.saved is not None
        assert row["saved_vs_random_pct_high"] == 100 * interval.saved.high
        assert row["jain"] == ilp.jain
        assert row["turns_min"] == ilp.turns_min
    # Carbon alone saves more than equal turns do, and spreads turns less evenly.
    assert frame["saved_vs_random_pct"][0] > frame["saved_vs_random_pct"][1]
    assert frame["jain"][0] < frame["jain"][1]
    assert repr(found).startswith("Sweep(4 points: 2 of cohort_size x 2 of min_share, 2 starts, ")
    assert len(repr(found)) < 120


def test_processes_give_the_same_as_this_process(found: Sweep) -> None:
    told: list[tuple[int, int]] = []
    many = swept(executor=Processes(workers=2), progress=lambda done, of: told.append((done, of)))
    assert without_timing(many) == without_timing(found)
    assert told == [(k, 8) for k in range(9)]


def test_values_may_come_from_numpy(found: Sweep) -> None:
    same = swept(min_shares=np.linspace(0, 1, 2), cohort_sizes=np.array([2, 4]))
    assert without_timing(same) == without_timing(found)


class InterruptedByASignal:
    """Is interrupted in the middle of keeping a task."""

    def __init__(self) -> None:
        self.kept = 0

    def get(self, _: Any) -> None:
        return None

    def add(self, *_: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        self.kept += 1


def test_as_many_tasks_are_told_as_are_kept() -> None:
    told, finished = [], InterruptedByASignal()
    with pytest.raises(KeyboardInterrupt):
        swept(finished=finished, progress=lambda done, of: told.append((done, of)))
    assert finished.kept == 1
    assert told == [(0, 8), (1, 8)]


class Interrupted:
    """Is interrupted while it keeps the first task."""

    def get(self, _: Any) -> None:
        return None

    def add(self, *_: Any) -> None:
        raise KeyboardInterrupt


def test_whoever_is_interrupted_while_a_task_is_kept_ends_all_workers() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        swept(executor=Processes(workers=2), finished=Interrupted())
    # Although the error still holds what was being done.
    assert caught.tb is not None
    assert active_children() == []


class Backwards:
    """Does tasks in this process, the last one first."""

    elsewhere = False

    def as_finished(self, work: Any, tasks: Sequence[Any]) -> Any:
        for k in reversed(range(len(tasks))):
            yield k, work(tasks[k])


def test_the_order_in_which_tasks_finish_changes_nothing(found: Sweep) -> None:
    assert without_timing(swept(executor=Backwards())) == without_timing(found)


def test_points_do_not_hang_on_the_others_or_their_order() -> None:
    chances = draw_disruptions(8, ROUNDS, seed=0, dropout=0.2, absence=0.2)
    one = swept(min_shares=["0.5"], cohort_sizes=[4], disruptions=chances)
    more = swept(min_shares=["1", "0.5"], cohort_sizes=[4, 2], disruptions=chances)
    last = more.points[1]
    assert dict(last.values) == {"cohort_size": 4, "min_share": "0.5"}
    assert last.comparison.policy_to_dict("ilp") == one.points[0].comparison.policy_to_dict("ilp")


def test_other_policies_play_beside_it() -> None:
    found = swept(
        policies={"regret": POLICIES["regret"], "random": POLICIES["random"]},
        min_shares=["0.5"],
        seeds=2,
        oracle=False,
    )
    frame = found.to_frame()
    assert frame["policy"].tolist() == ["regret", "regret", "random", "random"]
    assert frame["share_of_oracle_pct"].isna().all()
    assert found.subject == "regret"


@pytest.mark.parametrize(
    ("options", "message", "field"),
    [
        ({"cohort_sizes": [2, 9]}, "cohort size 9, min share 0: cohort size: expected 1 to 8", ""),
        ({"cohort_sizes": [0]}, "cohort size 0, min share 0: cohort size: expected 1 to 8", ""),
        ({"min_shares": ["0", "2"]}, "min share 2: min_share: expected 0 to 1, got 2", ""),
        ({"min_shares": ["0.5", "0.50"]}, "min_share: 0.5 is named twice", ""),
        ({"min_shares": ["1/2", 0.5]}, "min_share: 1/2 is named twice", ""),
        ({"min_shares": []}, "min_share: expected a list of at least one value, got []", ""),
        ({"min_shares": 0.5}, "min_share: expected a list of at least one value, got 0.5", ""),
        ({"cohort_sizes": np.array([2.0])}, "cohort size 2.0, min share 0: cohort_size: exp", ""),
        ({"min_shares": "0.5"}, "min_share: expected a list of at least one value", ""),
        ({"cohort_sizes": ["2"]}, "cohort size 2, min share 0: cohort_size: expected a whole", ""),
        ({"policies": {"mine": lambda *_: None}}, "policy 'mine' cannot be sent", "executor"),
    ],
)
def test_points_that_cannot_be_are_refused_before_anything_is_played(
    options: dict[str, Any], message: str, field: str
) -> None:
    class Never:
        elsewhere = True

        def as_finished(self, _work: Any, _tasks: Sequence[Any]) -> Any:
            raise AssertionError("nothing may be played")

    with pytest.raises(InputError) as caught:
        swept(executor=Never(), **options)
    assert message in str(caught.value)
    assert not field or caught.value.field == field


def test_floors_and_caps_that_contradict_each_other_name_the_point() -> None:
    planner = Planner(fleet=fleet(8), cohort_size=2, rounds=ROUNDS, fairness=Fairness(max_rounds=1))
    with pytest.raises(InputError, match=r"cohort size 4, min share 1: the cap of 1 turns is belo"):
        swept(planner=planner)


def test_floors_that_are_missed_are_said_and_are_on_no_front() -> None:
    online = np.ones((8, ROUNDS), dtype=bool)
    online[3] = False

    found = swept(
        disruptions=Disruptions(online=online, announced=True), min_shares=["0", "1"]
    ).to_frame()
    assert found["comparable"].tolist() == [True, False, True, False]
    assert not found["front"][~found["comparable"]].any()
    assert found["front"][found["comparable"]].any()


def test_plans_that_are_not_proven_are_counted() -> None:
    planner = Planner(
        fleet=fleet(8), cohort_size=2, rounds=ROUNDS, solvers=(Greedy(), Cbc(time_limit=1e-6))
    )
    hurried = swept(planner=planner, min_shares=["0.5"], oracle=False).to_frame()
    assert (hurried["unproven"] <= ROUNDS * len(STARTS)).all()
    assert hurried["unproven"].sum() > 0
    assert swept(min_shares=["0.5"], oracle=False).to_frame()["unproven"].sum() == 0


figures = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), min_size=1, max_size=12
)


@given(figures)
def test_the_front_is_what_no_able_point_beats(points: list[tuple[int, int, bool]]) -> None:
    grams, fairness, able = (np.array(part) for part in zip(*points, strict=True))
    front = pareto_front(grams.astype(float), fairness.astype(float), able)
    for k, (g, f, can) in enumerate(points):
        beaten = any(on and a <= g and b >= f and (a < g or b > f) for a, b, on in points)
        assert front[k] == (can and not beaten)
    assert front.any() == able.any()


def choose_first(problem: Problem, _: Any) -> Choice:
    return Choice(cohort=np.arange(problem.cohort_size[0]), by="first")


def test_a_policy_of_ones_own_is_the_subject() -> None:
    found = swept(policies={"first": choose_first}, oracle=False, min_shares=["0"])
    assert found.subject == "first"
    assert isinstance(found.to_frame(), pd.DataFrame)
