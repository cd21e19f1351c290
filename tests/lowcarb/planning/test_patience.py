"""Patience where hours are chosen again and again: for what is far, and never for nothing."""

import numpy as np

from lowcarb.planning.patience import PatientSlots
from lowcarb.planning.slot_solver import SlotSearch
from lowcarb.planning.slots import Slots
from lowcarb_solvers import Problem, chain

SOLVERS = chain(5.0)
HURRIED = SlotSearch(solvers=SOLVERS)


def chosen(costs: list[float], patience: float) -> list[int]:
    problem = Problem.from_costs([costs], 1, elastic=True)
    slots = Slots(starts=3600.0 * np.arange(len(costs), dtype=np.float64), length_s=3600.0)
    patient = PatientSlots(inner=HURRIED, patience=patience)
    chosen, held = patient(slots.problem(problem, (1, 1)), slots).answer
    # Whatever is counted to choose, the cost is that of the forecast.
    assert held.objective == costs[int(chosen[0])]
    return [int(slot) for slot in chosen]


def test_an_hour_far_ahead_may_be_a_little_dearer() -> None:
    days = [50.0] * 12 + [10.0] + [50.0] * 11 + [50.0] * 12 + [10.5] + [50.0] * 11
    assert chosen(days, patience=0.0) == [12]
    assert chosen(days, patience=0.1) == [36]
    assert chosen([*days[:36], 20.0, *days[37:]], patience=0.1) == [12]


def test_where_nothing_changes_nobody_waits() -> None:
    assert chosen([30.0] * 72, patience=0.1) == [0]


def test_the_next_six_hours_count_as_they_are() -> None:
    assert chosen([10.0, *[50.0] * 4, 10.0], patience=5.0) == [0]
