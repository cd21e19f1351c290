"""Decides who trains, round after round, on what is known when the round starts."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import TypeVar

import numpy as np

from lowcarb._util.text import count
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.errors import PolicyError
from lowcarb.planning.decide import decide
from lowcarb.planning.history import History
from lowcarb.planning.planner import Planner
from lowcarb.planning.policies import Choice, LeastTurns, Policy, random_round_cost
from lowcarb.providers.fallback import FallbackForecasts, ForecastView
from lowcarb.training.candidates import Candidates
from lowcarb.training.decision import Asked, Decision
from lowcarb_solvers import Problem

logger = logging.getLogger(__name__)

# A workload of more than a day meets each hour of the day, so its first day stands for all of it.
# Without this end a client that claims to work for a year would make all plans years long.
_LONGEST = timedelta(days=1)


_Given = TypeVar("_Given")


_Made = TypeVar("_Made")


@dataclass(kw_only=True)
class Decider:
    """Decides round after round.

    Parameters
    ----------
    forecasts
        What is known of the intensities.
    policy
        Who chooses.
    cohort_size, rounds
        Of the training.
    seed
        Decides between interchangeable clients.
    exact
        Whether a round with fewer clients is none.
    """

    forecasts: FallbackForecasts
    policy: Policy
    cohort_size: int
    rounds: int
    seed: int
    exact: bool = False
    _answered: bool = field(default=False, init=False)

    def decide(
        self, candidates: Candidates, number: int, start: datetime, every: timedelta | None
    ) -> Decision:
        """Choose a round's cohort, planning all rounds that are left.

        Parameters
        ----------
        candidates
            The clients.
        number, start
            Of the round.
        every
            Time between round starts; None where only the longest workload is known.
        """
        began = perf_counter()
        notes: list[str] = []
        if candidates.able.sum() < (self.cohort_size if self.exact else 1):
            # Better to ask one that failed than to leave the round out.
            candidates = replace(candidates, resting=np.zeros_like(candidates.resting))
        most = _LONGEST if every is None else max(every, _LONGEST)
        durations = np.minimum(candidates.fleet.duration_s, most.total_seconds())
        fleet = replace(candidates.fleet, duration_s=durations)
        longest = timedelta(seconds=float(durations.max()))
        step = longest if every is None else every
        if step < longest:
            notes.append(f"planned every {longest}: a client takes longer than {step}")
            step = longest
        planner = Planner(
            fleet=fleet,
            cohort_size=min(self.cohort_size, len(fleet)),
            rounds=self.rounds,
            every=step,
            seed=self.seed,
        )
        end = start + (self.rounds - number + 1) * step + longest
        view = self.forecasts.get(fleet.regions, start, end, longest)
        history = History(turns=candidates.turns, rounds=number - 1)
        online = candidates.online(self.rounds - number + 1)
        bounds = candidates.at_least, candidates.at_most

        def problem(forecast: Forecast) -> Problem:
            return planner.problem(start, forecast, history, online, bounds)

        priced = _attempt(problem, view.forecast)
        choice = _attempt(lambda program: self._choose(program, candidates), priced)
        if view.forecast is not None and choice is None:
            notes.append("no plan could be made")
        if choice is None:
            choice = LeastTurns()(priced or problem(_flat(fleet.regions, start, end)))
        solution = choice.solution
        if solution is not None and priced is not None:
            notes += solution.notes
            missing = int(np.maximum(0, priced.at_least - solution.turns).sum())
            if missing:
                notes.append(f"{count(missing, 'owed turn')} cannot be had any more")
        return Decision(
            number=number,
            start=start,
            asked=tuple(_asked(candidates, priced, view, int(i)) for i in choice.cohort),
            online=int(candidates.here.sum()),
            choice=choice,
            seconds=perf_counter() - began,
            random_g=None if priced is None or view.missing else random_round_cost(priced),
            owed=sum(client.owed for client in candidates.clients),
            view=view,
            notes=tuple(notes),
        )

    def _choose(self, program: Problem, candidates: Candidates) -> Choice | None:
        """Ask the policy; an answer that cannot be ends a training only if it is the first one."""
        try:
            choice = decide(program, self.policy, candidates.view, lost=candidates.lost)
        except PolicyError as error:
            if not self._answered:
                raise
            logger.error("lowcarb: %s; those with the fewest turns are taken", error)
            return None
        finally:
            self._answered = True
        return choice


def _attempt(make: Callable[[_Given], _Made], given: _Given | None) -> _Made | None:
    """Make something of what is given; a training must not end because a plan cannot be made."""
    if given is None:
        return None
    try:
        return make(given)
    except PolicyError:
        raise
    except Exception:
        logger.exception("lowcarb: no plan could be made")
        return None


def _flat(regions: Sequence[str], start: datetime, end: datetime) -> Forecast:
    """Build a forecast in which all hours are alike, for want of a better one."""
    times = np.array([start.timestamp(), end.timestamp() + 1.0])
    series = Series(times=times, values=np.ones(2))
    return Forecast(series=dict.fromkeys(regions, series), source="no forecast")


def _asked(candidates: Candidates, priced: Problem | None, view: ForecastView, i: int) -> Asked:
    region = candidates.fleet.regions[candidates.fleet.region[i]]
    intensity = None
    if priced is not None and region not in view.missing:
        intensity = float(priced.cost_level[priced.level_of[i], 0])
    return Asked(
        client=candidates.clients[i],
        planned_kwh=float(candidates.fleet.energy_kwh[i]),
        intensity=intensity,
    )
