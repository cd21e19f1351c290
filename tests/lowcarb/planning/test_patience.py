"""Patience where hours are chosen again and again: for what is far, and never for nothing."""

import numpy as np

from lowcarb.planning.patience import PatientSlots
from lowcarb.planning.slot_solver import GreedySlots
from lowcarb.planning.slots import Slots
from lowcarb_solvers import Problem, chain

SOLVERS = chain(5.0)
HURRIED = GreedySlots(solvers=SOLVERS)


def chosen(costs: list[float], patience: float) -> list[int]:
    problem = Problem.from_costs([costs], 1, elastic=True)
    slots = Slots(starts=3600.0 * np.arange(len(costs), dtype=np.float64), length_s=3600.0)
    answer = PatientSlots(inner=HURRIED, patience=patience)(problem, slots, 1)
    # Whatever is counted to choose, the cost is that of the forecast.
    assert answer.solution.objective == costs[int(answer.chosen[0])]
    return [int(slot) for slot in answer.chosen]


def test_an_hour_far_ahead_may_be_a_little_dearer() -> None:
    days = [50.0] * 12 + [10.0] + [50.0] * 11 + [50.0] * 12 + [10.5] + [50.0] * 11
    assert chosen(days, patience=0.0) == [12]
    assert chosen(days, patience=0.1) == [36]
    assert chosen([*days[:36], 20.0, *days[37:]], patience=0.1) == [12]


def test_where_nothing_changes_nobody_waits() -> None:
    assert chosen([30.0] * 72, patience=0.1) == [0]


def test_the_next_six_hours_count_as_they_are() -> None:
    assert chosen([10.0, *[50.0] * 4, 10.0], patience=5.0) == [0]
