"""One policy on recorded days: what it would have chosen, and what that emitted.

Before each round a policy sees the newest issue that was published by then, extended by the
last days of actual intensities known by then. Its cohort is charged what came true: actual
intensity times energy over each client's own workload.

Absences that nobody announced and turns that get lost are seen when they happen, not before. Once
they do, policies that plan keep turns in reserve.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from time import perf_counter

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.text import count, grams, shortened
from lowcarb._util.times import show
from lowcarb.carbon.forecast import Forecast
from lowcarb.errors import InputError
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.decide import decide
from lowcarb.planning.emissions import Intensities, intensities
from lowcarb.planning.excess import saved_by
from lowcarb.planning.planner import Planner
from lowcarb.planning.policies import Choice, Planned, Policy
from lowcarb.planning.program import priced_program
from lowcarb.planning.reserve import chance_lost
from lowcarb.planning.round_prices import RoundPrices
from lowcarb.replay.disruptions import Disruptions
from lowcarb.replay.recording import Recording
from lowcarb.replay.side_limits import PastTurns, ReplayedLimits
from lowcarb_solvers import Problem, Status


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """What one policy did from one start.

    Parameters
    ----------
    policy
        Its name.
    start
        Of the first round.
    cohorts
        Clients of each round.
    planned_g_by_round, realised_g_by_round
        Shape (t,): emissions of each round's cohort by what was known then, and by what came true.
    turns
        Shape (n,): credited turns.
    at_least, at_most
        Shape (n,): floors and caps.
    seconds
        Shape (t,): what deciding took.
    fallbacks
        Rounds in which the plan of an earlier solver stood in for that of the last one.
    plans
        Whether each of its choices came with a plan of all rounds left.
    unproven
        Rounds whose plan was not proven optimal, as when a solver hit its time limit.
    """

    policy: str
    start: datetime
    cohorts: tuple[IntArray, ...]
    planned_g_by_round: FloatArray
    realised_g_by_round: FloatArray
    turns: IntArray
    at_least: IntArray
    at_most: IntArray
    seconds: FloatArray
    fallbacks: int
    plans: bool = False
    unproven: int = 0

    def __repr__(self) -> str:
        met = "all" if self.floors_met == 1 else f"{min(self.floors_met, 0.999):.1%} of"
        return (
            f"Run({shortened(self.policy, 40)} from {show(self.start)} UTC, "
            f"{count(len(self.cohorts), 'round')}, {grams(self.realised_g)}, {met} floors met)"
        )

    @property
    def planned_g(self) -> float:
        """Emissions of all rounds by what was known before each, gCO2eq."""
        return float(self.planned_g_by_round.sum())

    @property
    def realised_g(self) -> float:
        """Emissions of all rounds by what came true, gCO2eq."""
        return float(self.realised_g_by_round.sum())

    @property
    def floors_met(self) -> float:
        """Share of clients that got the turns they were owed."""
        return float((self.turns >= self.at_least).mean())


Choose = Callable[[int, IntArray, int], tuple[Choice, float]]
"""From a round, the turns that count so far and how many were asked for to a choice, and what it is
planned to emit, gCO2eq."""


def rounds_held(runs: Sequence[Run]) -> float:
    """Rounds that runs held, the mean over them."""
    return float(np.mean([len(run.cohorts) for run in runs]))


@dataclass(frozen=True, kw_only=True, eq=False)
class Backtest:
    """A recorded stretch of time on which policies can be played.

    Parameters
    ----------
    planner
        Fleet, cohort size, rounds and fairness.
    recording
        What was forecast and what came true.
    start
        Of the first round.
    disruptions
        Who is there, and who drops out.
    """

    planner: Planner
    recording: Recording
    start: datetime
    disruptions: Disruptions = field(default_factory=Disruptions)

    def __post_init__(self) -> None:
        """Refuse chosen hours, and disruptions of other clients or rounds."""
        if self.planner.hours is not None:
            raise InputError(
                "hours: here rounds follow each other; HoursBacktest and compare_hours play chosen "
                "hours",
                field="hours",
            )
        self.disruptions.require_shape(len(self.planner.fleet), self.planner.rounds)

    @cached_property
    def truth(self) -> Problem:
        """The program over all rounds with the intensities that came true, for who is there."""
        return self._true_problem(self.disruptions.online)

    @cached_property
    def foresight(self) -> Problem:
        """The program of one who also knows whose turns would be lost, and calls none of them."""
        drops, online = self.disruptions.drops, self.disruptions.online
        if drops is None:
            return self.truth
        return self._true_problem(~drops if online is None else online & ~drops)

    def _true_problem(self, able: BoolArray | None) -> Problem:
        return self.planner.problem(self.start, self.recording.actual, online=able)

    @cached_property
    def limits(self) -> ReplayedLimits | None:
        """The limits of the training; None where there are none."""
        asked, delay = self.planner.limits, self.recording.delay
        if asked is None:
            return None
        return ReplayedLimits(
            asked=asked,
            planner=self.planner,
            starts=self.planner.starts(self.start),
            truth=self.truth,
            delay_s=None if delay is None else delay.total_seconds(),
        )

    @property
    def random_g(self) -> float:
        """What random cohorts are expected to emit, by what came true, gCO2eq."""
        saved = 0.0 if self.limits is None else self.limits.random_saved()
        return self.truth.random_cost - saved

    @cached_property
    def _candidates(self) -> CandidateView:
        return CandidateView.of_fleet(self.planner.fleet)

    @cached_property
    def _views(self) -> list[Forecast]:
        """What can be known before each round; the same for every policy."""
        planner = self.planner
        starts = [self.start + j * planner.every for j in range(planner.rounds)]
        end = starts[-1].timestamp() + float(planner.fleet.duration_s.max())
        return [self.recording.view(start, end) for start in starts]

    @cached_property
    def _bounds(self) -> tuple[IntArray, IntArray]:
        return self.planner.bounds

    @cached_property
    def _paid(self) -> dict[tuple[int, bool], Intensities]:
        return {}

    def _intensities(self, j: int, *, clairvoyant: bool) -> Intensities:
        """What turns are charged from round j on, by what is known then or by what came true.

        Policies and seeds share it: who still may take turns does not change it.
        """
        if (j, clairvoyant) not in self._paid:
            planner = self.planner
            self._paid[j, clairvoyant] = intensities(
                planner.fleet,
                self.recording.actual if clairvoyant else self._views[j],
                planner.starts(self.start)[j:],
                able=self._bounds[1] > 0,
                online=self._online(j),
            )
        return self._paid[j, clairvoyant]

    def _online(self, j: int) -> BoolArray | None:
        """Availability of the rounds from j on, as it is known in round j."""
        online = self.disruptions.online
        if online is None:
            return None
        columns = online[:, j:].copy()
        if not self.disruptions.announced:
            columns[:, 1:] = True
        return columns

    def _away(self, j: int) -> float:
        """Share of clients that were away, unannounced, in the rounds up to j."""
        if self.disruptions.online is None or self.disruptions.announced:
            return 0.0
        return 1 - float(self.disruptions.online[:, : j + 1].mean())

    def run(
        self, name: str, policy: Policy, seed: int | None = None, *, clairvoyant: bool = False
    ) -> Run:
        """Let a policy choose round after round on what it can know.

        Parameters
        ----------
        name, policy
            Who chooses.
        seed
            Decides between equal clients; None for the planner's.
        clairvoyant
            Whether it is shown the actual intensities in place of forecasts; of absences it knows
            as much as ever.
        """
        prices: RoundPrices | None = None
        past = PastTurns()

        def choose(j: int, turns: IntArray, asked: int) -> tuple[Choice, float]:
            nonlocal prices
            planner = self.planner
            problem = priced_program(
                planner.fleet,
                self._intensities(j, clairvoyant=clairvoyant),
                cohort_size=planner.cohort_size,
                bounds=self._bounds,
                turns=turns,
                online=self._online(j),
                seed=planner.seed if seed is None else seed,
                breathing=planner.timetable.breathing(asked),
            )
            lost = chance_lost(lost=asked - int(turns.sum()), asked=asked, away=self._away(j))
            warm = None if prices is None else prices.warm(j, problem.rounds)
            limits = None if self.limits is None else self.limits.ahead(problem, past, turns)
            choice = decide(
                problem,
                policy,
                self._candidates,
                lost=lost,
                warm=warm,
                assumed=not self.disruptions.announced,
                limits=limits,
            )
            prices = RoundPrices.of(choice, j) or prices
            planned = problem.costs(choice.cohort, 0)
            if limits is not None:
                planned = planned - saved_by(limits.excess, choice.cohort, 0)
                past.add(choice.cohort, planned)
            return choice, float(planned.sum())

        return self._run_all(name, choose)

    def oracle(self, policy: Planned) -> Run:
        """Plan with perfect foresight of intensities, absences and lost turns: the limit."""
        plan: list[Choice] = []

        def choose(j: int, _turns: IntArray, _asked: int) -> tuple[Choice, float]:
            if not plan:
                limits = None if self.limits is None else self.limits.of(self.foresight)
                choice = policy.within_limits(limits)(self.foresight)
                assert choice.solution is not None  # noqa: S101 - it plans
                plan.extend(replace(choice, cohort=cohort) for cohort in choice.solution.cohorts)
            return plan[j], self._realised(plan[j].cohort, j)

        return self._run_all("oracle", choose)

    def _realised(self, cohort: IntArray, j: int) -> float:
        """What a cohort emitted in round j, gCO2eq."""
        emitted = self.truth.costs(cohort, j)
        saved = 0.0 if self.limits is None else self.limits.saved(cohort, j)
        return float((emitted - saved).sum())

    def _run_all(self, name: str, choose: Choose) -> Run:
        planner, drops = self.planner, self.disruptions.drops
        rounds = planner.rounds
        turns = np.zeros(len(planner.fleet), dtype=np.int64)
        planned, realised, seconds = np.zeros(rounds), np.zeros(rounds), np.zeros(rounds)
        cohorts: list[IntArray] = []
        fallbacks = asked = unproven = 0
        plans = True
        for j in range(rounds):
            began = perf_counter()
            choice, planned[j] = choose(j, turns, asked)
            seconds[j] = perf_counter() - began
            cohort = choice.cohort
            realised[j] = self._realised(cohort, j)
            turns = turns.copy()
            turns[cohort if drops is None else cohort[~drops[cohort, j]]] += 1
            asked += len(cohort)
            cohorts.append(cohort)
            fallbacks += choice.fallback
            plans = plans and choice.solution is not None
            unproven += choice.solution is not None and choice.solution.status is not Status.OPTIMAL
        at_least, at_most = self._bounds
        return Run(
            policy=name,
            start=self.start,
            cohorts=tuple(cohorts),
            planned_g_by_round=planned,
            realised_g_by_round=realised,
            turns=turns,
            at_least=at_least,
            at_most=at_most,
            seconds=seconds,
            fallbacks=fallbacks,
            plans=plans,
            unproven=unproven,
        )
