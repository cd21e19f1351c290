"""Patience where hours are chosen again and again: for what is far, and never for nothing."""

import numpy as np

from lowcarb.planning.patience import PatientSlots
from lowcarb.planning.slot_solver import SlotSearch
from lowcarb.planning.slots import Slots
from lowcarb_solvers import Problem, chain

SOLVERS = chain(5.0)
HURRIED = SlotSearch(solvers=SOLVERS)


def chosen(costs: list[float], patience: float, usual: list[float] | None = None) -> list[int]:
    problem = Problem.from_costs([costs], 1, elastic=True)
    slots = Slots(starts=3600.0 * np.arange(len(costs), dtype=np.float64), length_s=3600.0)
    patient = PatientSlots(inner=HURRIED, patience=patience)
    if usual is not None:
        patient = patient.told(np.array([usual]))
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


def test_where_it_is_worse_than_usual_one_waits_though_the_forecast_says_it_stays() -> None:
    assert chosen([450.0] * 48, 0.0, usual=[300.0] * 48) == [47]
    assert chosen([10.0] * 48, 0.0, usual=[300.0] * 48) == [0]
    # What is far and unusually low is believed less, what is near is believed.
    low = [300.0] * 40 + [100.0] + [300.0] * 7
    assert chosen([*low[:1], 200.0, *low[2:]], 0.0, usual=[300.0] * 48) == [40]
    assert chosen([*low[:1], 110.0, *low[2:]], 0.0, usual=[300.0] * 48) == [1]


def test_who_takes_part_is_chosen_by_what_hours_count() -> None:
    # Client b owes a turn. It could have it now, but later it is usually cheaper for it.
    problem = Problem.from_costs([[50.0] * 40, [80.0] * 40], 1, at_least=[1, 1], elastic=True)
    slots = Slots(starts=3600.0 * np.arange(40, dtype=np.float64), length_s=3600.0)
    question = slots.problem(problem, (2, 2))
    usual = np.array([[60.0] * 40, [20.0] * 40])
    order = question.problem.level_of.tolist()
    patient = PatientSlots(inner=HURRIED, patience=0.0).told(usual[np.argsort(order)])
    chosen, held = patient(question, slots).answer
    assert chosen.tolist() == [0, 39]
    assert [cohort.tolist() for cohort in held.cohorts] == [[0], [1]]
    # Told is what the forecast says.
    assert held.objective == 130.0
