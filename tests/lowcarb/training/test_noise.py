"""Differences that are noise do not decide who trains."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb.training.noise import STEP, WITHIN, without_noise
from tests.helpers.measuring import KWH, measured

energies = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=6).map(np.array)


@given(energies, energies, st.integers(0, 63))
def test_a_rounded_energy_is_half_a_step_off_at_most(
    kwh: np.ndarray, expected: np.ndarray, which: int
) -> None:
    expected = np.resize(expected, len(kwh))
    known = np.array([bool(which & 1 << i) for i in range(len(kwh))])
    found = without_noise(kwh, expected, known)
    assert (found[~known] == kwh[~known]).all()
    assert (np.abs(np.log(found / kwh)) <= np.log(STEP) / 2 + 1e-9).all()


def test_nothing_measured_is_nothing() -> None:
    kwh = np.array([0.0, 2.0, 3.0])
    found = without_noise(kwh, np.array([1.0, 0.0, 2.9]), np.ones(3, dtype=bool))
    assert found.tolist() == [0.0, 2.0, 2.9]


@pytest.mark.parametrize("declared", [1.0, 1.4, None, 1000.0])
@pytest.mark.parametrize("seed", range(3))
def test_clients_that_are_alike_get_alike_turns(seed: int, declared: float | None) -> None:
    account, _ = measured(noise=0.05, seed=seed, declared=declared)
    turns = list(account.turns.values())
    assert sum(turns) == 96
    assert max(turns) - min(turns) <= 4, turns


def test_so_they_do_where_plans_are_optimal() -> None:
    account, decisions = measured(noise=0.05, policy="ilp")
    turns = list(account.turns.values())
    assert max(turns) - min(turns) <= 6, turns
    assert {decision.status for decision in decisions} == {"optimal"}


def test_grams_stay_as_they_are_measured() -> None:
    account, decisions = measured(noise=0.05)
    last = decisions[-1]
    assert len({asked.planned_kwh for asked in last.asked}) > 1
    assert last.rounded
    assert account.energy_kwh == pytest.approx(96 * KWH, rel=0.03)
    burnt = {turn.energy_kwh for turn in account.work}
    assert len(burnt) == 96


def test_the_round_says_to_what_its_proof_holds() -> None:
    _, decisions = measured(noise=0.05)
    assert f" for energies to within {WITHIN}, " in decisions[-1].describe(24)
    _, exact = measured()
    assert "for energies" not in exact[-1].describe(24)


def test_what_is_no_noise_still_decides() -> None:
    account, _ = measured(noise=0.05, factors=lambda i: 0.5 if i < 4 else 1.0)
    turns = account.turns
    assert min(turns[f"c{i:02d}"] for i in range(4)) > max(turns[f"c{i:02d}"] for i in range(4, 12))
