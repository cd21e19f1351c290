"""Others' ways to choose: their rules, on clients whose losses and data are known."""

from dataclasses import replace

import numpy as np
import pytest

from digits.peers import PEERS, LikeFedZero, Oort, PowerOfChoice, utility
from lowcarb.planning.policies import CandidateView, Policy
from lowcarb.planning.policy_checks import ask
from lowcarb_solvers import Problem
from tests.helpers.candidates import view_of

CLIENTS, SEATS, ROUNDS = 12, 4, 30


def problem(seed: int = 0, taken: int = 10) -> Problem:
    """Clients in two regions; the second is dirtier than usual now."""
    level = np.ones((2, ROUNDS))
    level[1, 0] = 5.0
    made = Problem.from_costs(level[np.arange(CLIENTS) % 2], SEATS, elastic=True, seed=seed)
    return replace(made, turns=np.full(CLIENTS, taken))


def told(losses: np.ndarray, samples: np.ndarray | None = None) -> CandidateView:
    return replace(
        view_of(problem()),
        last_loss=losses,
        samples=np.full(CLIENTS, 10.0) if samples is None else samples,
        asked_before=~np.isnan(losses),
    )


def counted(policy: Policy, view: CandidateView, draws: int = 60, **options: int) -> np.ndarray:
    """How often each client is chosen."""
    found = np.zeros(CLIENTS)
    for seed in range(draws):
        found[ask(policy, problem(seed, **options), view).cohort] += 1
    return found / draws


@pytest.mark.parametrize("name", PEERS)
def test_the_first_cohort_is_any_of_the_right_size(name: str) -> None:
    view = told(np.full(CLIENTS, np.nan))
    choice = ask(PEERS[name], replace(problem(), turns=None), view)
    assert len(choice.cohort) == SEATS
    # Each client is drawn sometimes, as nothing is known of any.
    assert (counted(PEERS[name], view) > 0).all() or name == "like-fedzero"


def test_power_of_choice_takes_the_highest_losses_of_those_drawn() -> None:
    losses = np.arange(CLIENTS, dtype=np.float64)
    assert ask(PowerOfChoice(CLIENTS), problem(), told(losses)).cohort.tolist() == [8, 9, 10, 11]
    few = counted(PowerOfChoice(SEATS), told(losses))
    assert few.min() > 0
    # Who has nearly all of the data is nearly always drawn.
    data = np.where(np.arange(CLIENTS) == 0, 1000.0, 1.0)
    assert counted(PowerOfChoice(SEATS), told(losses, data))[0] > 0.9


def test_power_of_choice_takes_those_first_whose_loss_is_unknown() -> None:
    losses = np.where(np.arange(CLIENTS) < 4, np.nan, 100.0)
    assert ask(PowerOfChoice(CLIENTS), problem(), told(losses)).cohort.tolist() == [0, 1, 2, 3]


def test_utility_is_samples_times_loss() -> None:
    losses = np.append(np.arange(1.0, CLIENTS), np.nan)
    assert utility(told(losses)).tolist() == [*(10 * np.arange(1.0, CLIENTS)), 110.0]


def test_oort_exploits_high_utilities_and_explores_the_others_less_and_less() -> None:
    losses = np.where(np.arange(CLIENTS) < 6, np.arange(1.0, CLIENTS + 1), np.nan)
    early, late = (counted(Oort(), told(losses), taken=taken) for taken in (1, 100))
    assert early[6:].sum() > late[6:].sum() >= 0.9
    assert late[4:6].min() > late[:3].max()


def test_oort_lets_those_in_who_were_not_asked_for_long() -> None:
    losses = np.where(np.arange(CLIENTS) == 0, 0.0, 1.0)
    view = replace(told(losses), waited=np.where(np.arange(CLIENTS) == 3, 100.0, 1.0))
    # In round 103 others were asked in round 102, this one in round 3: 1 + 0.39 against 1 + 0.07.
    found = counted(Oort(), view, 200, taken=34)
    assert found[3] > max(found[1:3].max(), found[4:].max())
    assert found[0] == 0


def test_like_fedzero_takes_clients_of_regions_cleaner_than_usual_and_skips_the_frequent() -> None:
    losses = np.arange(CLIENTS, dtype=np.float64)
    clean = ask(LikeFedZero(), problem(), told(losses)).cohort
    assert (clean % 2 == 0).all()
    assert clean.tolist() == [4, 6, 8, 10]
    often = replace(problem(), turns=np.where(np.arange(CLIENTS) == 10, 1000, 10))
    assert ask(LikeFedZero(), often, told(losses)).cohort.tolist() == [2, 4, 6, 8]
