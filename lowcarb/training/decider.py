"""Decides who trains, round after round, on what is known when the round starts."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import TypeVar

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import count, ordinal, rounded
from lowcarb._util.times import from_seconds, show_duration
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.errors import PolicyError
from lowcarb.planning.cohort_range import Breathing
from lowcarb.planning.decide import decide
from lowcarb.planning.policies import Choice, LeastTurns, Planned, Policy, random_round_cost
from lowcarb.planning.program import program
from lowcarb.planning.round_prices import RoundPrices
from lowcarb.planning.wording import who_is_short
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.providers.forecast_view import ForecastView
from lowcarb.training.candidates import Candidates
from lowcarb.training.client_state import learn
from lowcarb.training.decision import Asked, Decision, Drawn
from lowcarb.training.limits import LimitsAhead
from lowcarb_solvers import Greedy, Limits, Problem, Warm

logger = logging.getLogger(__name__)

# A workload of more than a day meets each hour of the day, so its first day stands for all of it.
# Without this end the longest workload would make all forecasts asked for as long.
_LONGEST_S = 86_400.0
# Rounds that follow at once are no shorter, as far as slow clients go: the first turns of a process
# take seconds more than the others.
_LEAST_PACE_S = 60.0


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
    rounds
        Of the training.
    seed
        Decides between interchangeable clients.
    exact
        Whether a round with fewer clients is none.
    """

    forecasts: FallbackForecasts
    policy: Policy
    rounds: int
    seed: int
    exact: bool = False
    price_g: float | None = field(default=None, init=False)
    """Of a unit of value, the last one that was found, gCO2eq."""
    _answered: bool = field(default=False, init=False)
    _slow: set[str] = field(default_factory=set, init=False)

    def decide(
        self,
        candidates: Candidates,
        number: int,
        start: datetime,
        every: timedelta | None,
        lengths: Sequence[timedelta] = (),
        *,
        cohort_size: int,
        breathing: Breathing | None = None,
        prices: RoundPrices | None = None,
        ahead: FloatArray | None = None,
        limits: LimitsAhead | None = None,
    ) -> Decision:
        """Choose a round's cohort, planning all rounds that are left.

        Parameters
        ----------
        candidates
            The clients.
        number, start
            Of the round.
        every
            Time between round starts; None where rounds follow at once.
        lengths
            Of the rounds so far, oldest first; they count where `every` is None.
        cohort_size
            Of each round from this one on.
        breathing
            Bounds of each cohort, and the turns left in all; None where all are of `cohort_size`.
        prices
            What an earlier plan knows of these rounds.
        ahead
            Shape (t,): when each round left starts, this one first, seconds since 1970; None where
            they follow each other.
        limits
            Side constraints from this round on; None where there are none.
        """
        began = perf_counter()
        notes: list[str] = []
        missing: dict[str, int] = {}
        left = self.rounds - number + 1
        usual_s = float(np.median(candidates.fleet.duration_s))
        step_s, pace_s = _step_and_pace(usual_s, every, lengths)
        seats = cohort_size if every is None else 0
        candidates = candidates.paced(pace_s, number, left, seats=seats)
        self._say_who_is_slow(candidates, pace_s)
        most = cohort_size if breathing is None else breathing.most
        candidates = candidates.trusted(most, cohort_size if self.exact else 1)
        most_s = max(step_s, _LONGEST_S)
        fleet = candidates.fleet
        fleet = replace(fleet, duration_s=np.minimum(fleet.duration_s, most_s))
        longest_s = float(fleet.duration_s.max())
        starts = start.timestamp() + step_s * np.arange(left, dtype=np.float64)
        if ahead is not None:
            starts = ahead
        end = from_seconds(starts[-1]) + timedelta(seconds=step_s + longest_s)
        # A slow client's window may end beyond a forecast: that makes it no worse for the others.
        view = self.forecasts.get(
            fleet.regions, start, end, timedelta(seconds=min(longest_s, step_s))
        )
        online = candidates.online(left)
        # Who chooses must not see noise; the grams that are told are those of the figures expected.
        alike = replace(fleet, energy_kwh=candidates.alike_kwh)

        def problem(forecast: Forecast) -> Problem:
            return program(
                alike,
                forecast,
                starts,
                cohort_size=min(cohort_size, len(fleet)),
                bounds=(candidates.at_least, candidates.at_most),
                turns=candidates.turns,
                online=online,
                seed=self.seed,
                breathing=breathing,
            )

        priced = _attempt(problem, view.forecast)
        warm = None if prices is None else prices.warm(number, left)
        bound = None
        if limits is not None:
            bind = partial(limits.bind, candidates=candidates, starts=starts, step_s=step_s)
            bound = _attempt(lambda priced: bind(priced).limited.limits, priced)
        choice = _attempt(lambda priced: self._choose(priced, candidates, warm, bound), priced)
        if view.forecast is not None and choice is None:
            notes.append("no plan could be made")
        if choice is None:
            flat = priced or problem(_flat(fleet.regions, start, end))
            if limits is not None:
                notes.append("greedy keeps the limits as far as it can, but those on grams")
                bind = partial(bind, grams=False)
                choice = _attempt(lambda flat: _greedily(flat, bind(flat).limited.limits), flat)
            choice = choice or LeastTurns()(flat)
        if limits is not None and choice.limited is not None:
            notes += limits.notes_on(choice.limited)
        elif limits is not None and (bound is None or bound):
            notes.append("the limits were not looked at")
        if candidates.scaled:
            notes.append(
                f"energies of {count(candidates.scaled, 'client')} not measured yet are "
                f"{rounded(candidates.ratio, 2)} times those declared, as of those measured"
            )
        solution = choice.solution
        if choice.paid is not None:
            notes.append(choice.paid.sentence)
            self.price_g = choice.paid.price_g or self.price_g
        if solution is not None and priced is not None:
            notes += solution.notes
            short = np.maximum(0, priced.at_least - solution.turns)
            missing = {fleet.clients[i]: int(short[i]) for i in np.flatnonzero(short).tolist()}
            if missing:
                known = choice.limited is None or choice.limited.misses_least
                said = "cannot be had any more" if known else "another plan may give"
                notes.append(f"{who_is_short(missing)}, which {said}")
            lacking = solution.classes.missing_in_all(solution.seated)
            if lacking and breathing is not None:
                notes.append(f"{count(lacking, 'turn')} of the total cannot be had any more")
        if breathing is not None and (note := breathing.out_of_reach(left)) is not None:
            notes.append(note)
        present = np.ones(len(fleet), dtype=np.bool_) if online is None else online[:, 0]
        # A random cohort is as large as this one may be, or, where cohorts breathe, as this one is:
        # rounds that ask many would else look bad, and those that ask few look good.
        drawn = cohort_size if breathing is None else len(choice.cohort)
        return Decision(
            number=number,
            start=start,
            asked=tuple(_asked(candidates, priced, view, int(i)) for i in choice.cohort),
            online=int(candidates.here.sum()),
            choice=choice,
            seconds=perf_counter() - began,
            random_g=None
            if priced is None or view.missing
            else random_round_cost(replace(priced, weight=fleet.energy_kwh), drawn),
            owed=sum(client.owed for client in candidates.clients),
            view=view,
            comparable=not missing,
            rounded=not np.array_equal(candidates.alike_kwh, fleet.energy_kwh),
            notes=tuple(notes),
            drawn=Drawn(fleet=fleet, present=present, seats=min(drawn, int(present.sum()))),
        )

    def _say_who_is_slow(self, candidates: Candidates, pace_s: float) -> None:
        """Say once of each client that works for longer than a round, what follows from that."""
        for i in np.flatnonzero(candidates.fleet.duration_s > pace_s).tolist():
            client = candidates.fleet[i]
            if client.name in self._slow:
                continue
            self._slow.add(client.name)
            logger.warning(
                "lowcarb: client %r is expected to work for %s, rounds to last %s: it is asked in "
                "every %s round at most, unless it owes more turns; a round that lasts longer for "
                "it moves the following ones",
                client.name,
                show_duration(client.duration),
                show_duration(timedelta(seconds=pace_s)),
                ordinal(int(candidates.gap[i])),
            )

    def _choose(
        self, problem: Problem, candidates: Candidates, warm: Warm | None, limits: Limits | None
    ) -> Choice | None:
        """Ask the policy; an answer that cannot be ends a training only if it is the first one."""
        try:
            choice = decide(
                problem,
                self.policy,
                candidates.view,
                lost=candidates.lost,
                warm=warm,
                assumed=True,
                limits=limits,
            )
        except PolicyError as error:
            if not self._answered:
                raise
            logger.error("lowcarb: %s; those with the fewest turns are taken", error)
            return None
        finally:
            self._answered = True
        return choice


def _step_and_pace(
    usual_s: float, every: timedelta | None, lengths: Sequence[timedelta]
) -> tuple[float, float]:
    """Time between two starts, and the time within which a client is back for the next start.

    No client decides on either. Where rounds follow at once their usual length does, and at first
    what the clients expect; a client that is like most others is back in any case.
    """
    if every is not None:
        return every.total_seconds(), every.total_seconds()
    step_s = learn(usual_s, [length.total_seconds() for length in lengths])
    assert step_s is not None  # noqa: S101 - one figure was given
    return step_s, max(step_s, usual_s, _LEAST_PACE_S)


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


def _greedily(problem: Problem, limits: Limits) -> Choice:
    """Choose greedily within limits, where there is nothing to plan by."""
    return Planned((Greedy(),)).within_limits(limits)(problem)


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
        planned_s=float(candidates.fleet.duration_s[i]),
        intensity=intensity,
    )
