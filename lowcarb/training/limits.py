"""Limits in a training: of each round what is known of clients, what is over, what is said."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import count
from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.ledger.entries import BookedRound
from lowcarb.planning.asked_limits import DECLARED, AskedLimits, BoundLimits
from lowcarb.planning.history import History
from lowcarb.planning.limit_words import conflict_said, shortfall_said
from lowcarb.planning.limits import COSTS, Past
from lowcarb.planning.sites import Sites
from lowcarb.planning.unreached import unreached
from lowcarb.training.candidates import Candidates
from lowcarb.training.spent import spent_of, without_grams
from lowcarb_solvers import LimitedSolution, Problem, Stage, find_conflicts

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class TrainingLimits:
    """The limits of a training, round after round; remembers what was said.

    Parameters
    ----------
    asked
        As the user asked for them.
    """

    asked: AskedLimits
    _said: set[str] = field(default_factory=set, init=False)

    def ahead(
        self,
        everyone: Candidates,
        booked: Sequence[BookedRound],
        number: int,
        *,
        first: bool = False,
    ) -> "LimitsAhead | None":
        """What is over of the limits before a round.

        None if they do not fit the clients any more: new ones may bring names with which limits
        contradict each other. That is said, and ends a training only before its first round.

        Parameters
        ----------
        everyone
            All clients that ever took part, those that have left as well.
        booked
            Rounds that are over.
        number
            Of the round.
        first
            Whether no round is over.

        Raises
        ------
        InputError
            If they do not fit the clients before the first round.
        """
        try:
            return self._ahead(everyone, booked, number)
        except InputError as error:
            if first:
                raise
            self.say(str(error), f"{error}; they are not looked at any more")
            return None

    def _ahead(
        self, everyone: Candidates, booked: Sequence[BookedRound], number: int
    ) -> "LimitsAhead":
        names = everyone.fleet.clients
        history = History(turns=everyone.turns, rounds=number - 1, spent=spent_of(booked, names))
        unknown = without_grams(booked)
        if unknown and any(limit.what in COSTS for limit in self.asked.limits):
            self.say("grams", f"grams of {count(unknown, 'turn')} are unknown and count for none")
        asked, fleet = self._known(everyone)
        asked.rules(fleet, 1, known=False)
        for about, sentence in unreached(asked, fleet).items():
            self.say(f"unreached {about}", sentence)
        past = asked.past(fleet, history, known=False)
        rested = past.rested
        return LimitsAhead(
            limits=self,
            done=past,
            rested={} if rested is None else dict(zip(names, rested.tolist(), strict=True)),
            number=number,
        )

    def _known(self, candidates: Candidates) -> tuple[AskedLimits, Fleet]:
        """Fill in what nobody said of some clients; leave out limits on what nobody said of any."""
        fleet = candidates.fleet
        attributes = dict(fleet.attributes)
        said = [client.samples for client in candidates.clients]
        declared = np.array([np.nan if one is None else one for one in said], dtype=np.float64)
        given = attributes.get(DECLARED)
        if isinstance(given, np.ndarray):
            declared = np.where(np.isnan(given), declared, given)
        if not np.isnan(declared).all():
            attributes[DECLARED] = declared
        unknown = set()
        for name, values in attributes.items():
            if not isinstance(values, np.ndarray) or name not in self.asked.columns:
                continue
            missing = np.isnan(values)
            if missing.all():
                unknown.add(name)
            elif missing.any():
                self.say(
                    name,
                    f"{name} of {count(int(missing.sum()), 'client')} are unknown: they count as "
                    "the others' median",
                )
                attributes[name] = np.where(missing, np.nanmedian(values), values)
        if DECLARED in self.asked.columns and DECLARED not in attributes:
            unknown.add(DECLARED)
        for name in unknown:
            self.say(name, f"{name} of no client are known yet: limits on them wait until some are")
        kept = tuple(limit for limit in self.asked.limits if limit.what not in unknown)
        return replace(self.asked, limits=kept), replace(fleet, attributes=attributes)

    def bind(
        self,
        problem: Problem,
        candidates: Candidates,
        starts: FloatArray,
        step_s: float,
        past: Past,
        *,
        grams: bool,
    ) -> BoundLimits:
        """Put the limits next to a program of candidates.

        Parameters
        ----------
        problem
            The program.
        candidates
            Its clients.
        starts
            Shape (t,): of its rounds, seconds since 1970.
        step_s
            From one start to the next.
        past
            What is over.
        grams
            Whether costs are grams: without a forecast they are none, and limits on them wait.
        """
        asked, fleet = self._known(candidates)
        if not grams:
            kept = tuple(limit for limit in asked.limits if limit.what not in COSTS)
            asked = replace(asked, limits=kept, sites=_without_excess(asked))
        # The figures that rounds are chosen by, in which noise makes no difference.
        fleet = replace(fleet, energy_kwh=problem.weight)
        return asked.bind(problem, fleet, starts, step_s, past, known=False)

    def say(self, key: str, sentence: str) -> None:
        """Say something once."""
        if key not in self._said:
            self._said.add(key)
            logger.warning("lowcarb: limits: %s", sentence)

    def notes_on(self, found: LimitedSolution, number: int) -> list[str]:
        """Say once what cannot be kept and why, and name what this round breaks.

        Parameters
        ----------
        found
            The plan from this round on.
        number
            Of the round.
        """
        for conflict in find_conflicts(found.limited) if found.shortfalls else ():
            self.say(" ".join(conflict.rules), conflict_said(conflict, number))
        said = "cannot be kept" if found.misses_least else "not kept by this plan"
        notes = []
        for one in found.shortfalls:
            if one.stage in (Stage.SEATS, Stage.FLOORS):
                continue
            sentence = shortfall_said(one, number)
            self.say(f"{one.rule} {one.above}", f"{said}: {sentence}")
            if one.round in (None, 0):
                notes.append(sentence)
        return notes


@dataclass(frozen=True, kw_only=True, eq=False)
class LimitsAhead:
    """Limits before one round.

    Parameters
    ----------
    limits
        Of the training.
    done
        What is over of them, for everyone.
    rested
        By name, rounds that each client has rested; empty where nobody must rest.
    number
        Of the round.
    """

    limits: TrainingLimits
    done: Past
    rested: dict[str, int]
    number: int

    def bind(
        self,
        problem: Problem,
        candidates: Candidates,
        starts: FloatArray,
        step_s: float,
        *,
        grams: bool = True,
    ) -> BoundLimits:
        """Put the limits next to a program of those who may take part; see `TrainingLimits`."""
        rested = None
        if self.rested:
            rested = np.array([self.rested[name] for name in candidates.fleet.clients])
        past = replace(self.done, rested=rested)
        return self.limits.bind(problem, candidates, starts, step_s, past, grams=grams)

    def notes_on(self, found: LimitedSolution) -> list[str]:
        """Say what of the limits a plan lacks; see `TrainingLimits`."""
        return self.limits.notes_on(found, self.number)


def _without_excess(asked: AskedLimits) -> Sites | None:
    return None if asked.sites is None else replace(asked.sites, excess=None)
