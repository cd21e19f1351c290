"""A training's next round: when it begins, and whom it asks."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lowcarb.planning.cohort_range import Breathing
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.training.booking import Booking
from lowcarb.training.candidates import Candidates
from lowcarb.training.corrections import Corrections
from lowcarb.training.decider import Decider
from lowcarb.training.decision import Decision
from lowcarb.training.limits import TrainingLimits
from lowcarb.training.roster import Roster
from lowcarb.training.round_times import RoundTimes
from lowcarb.training.settings import Settings
from lowcarb.training.terms import Terms
from lowcarb.training.value import with_savings

# What is longer was no round: the clock was set. Believing it would make plans of centuries.
_LONGEST_LENGTH = timedelta(days=7)


@dataclass(kw_only=True)
class NextRound:
    """Says when the next round begins and whom it asks, by what is known of the training then.

    Parameters
    ----------
    settings
        What the user asked for.
    terms
        Of the training.
    roster
        Its clients.
    booking
        Its account.
    decider
        Chooses cohorts.
    times
        Chooses hours; None where rounds follow each other.
    limits
        Side constraints; None where there are none.

    The attribute `chosen_for` is the number of the round that was decided last; None if nobody was
    chosen for it.
    """

    settings: Settings
    terms: Terms
    roster: Roster
    booking: Booking
    decider: Decider
    times: RoundTimes | None
    limits: TrainingLimits | None
    chosen_for: int | None = field(default=None, init=False)

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        terms: Terms,
        roster: Roster,
        booking: Booking,
        corrections: Corrections | None,
        exact: bool,
    ) -> "NextRound":
        """Plan as a user asks for it.

        Parameters
        ----------
        settings, terms, roster, booking
            As of the class.
        corrections
            Of forecasts; None to take them as they are issued.
        exact
            Whether a round with fewer clients than the cohort is none.
        """
        forecasts = FallbackForecasts(
            provider=settings.provider,
            typical=settings.typical,
            correct=corrections,
            learnt=None if corrections is None else corrections.last_days,
        )
        return cls(
            settings=settings,
            terms=terms,
            roster=roster,
            booking=booking,
            decider=Decider(
                forecasts=forecasts,
                policy=settings.policy,
                rounds=terms.rounds,
                seed=settings.seed,
                exact=exact,
            ),
            times=RoundTimes.of(settings, forecasts, booking, terms.rounds),
            limits=None
            if settings.limits is None
            else TrainingLimits(asked=settings.limits.sized(terms.cohort_size, terms.rounds)),
        )

    def listening(self) -> AbstractContextManager[None]:
        """Hear in this block whether a round that waits for its hour may begin at once."""
        return nullcontext() if self.times is None else self.times.listening()

    @property
    def must_meet(self) -> bool:
        """Whether clients must be met before it is known when it begins."""
        return self.times is not None and not self.roster.known

    def wait(self) -> datetime:
        """Wait until it is due and return its start."""
        if self.times is not None:
            number = self.booking.done + 1
            candidates = self.roster.candidates(number)
            return self.times.next(
                candidates, number, self.terms.cohort_size, self._breathing(number, candidates)
            )
        last = self.booking.last
        return self.settings.clock(None if last is None else last.start, self._every)

    def decide(self, number: int, start: datetime) -> Decision | None:
        """Choose the cohort of a round; None if no client is known."""
        candidates = self.roster.candidates(number)
        if candidates is None:
            return None
        account = self.booking.account
        self.decider.policy = with_savings(
            self.settings.policy, account.rounds, self.decider.price_g
        )
        lengths = [one for one in account.lengths if timedelta() < one <= _LONGEST_LENGTH]
        decision = self.decider.decide(
            candidates,
            number,
            start,
            self._every if self.times is None else self.times.length,
            lengths,
            cohort_size=self.terms.cohort_size,
            breathing=self._breathing(number, candidates),
            prices=self.booking.prices,
            ahead=None
            if self.times is None
            else self.times.ahead(start, self.terms.rounds - number + 1),
            limits=None
            if self.limits is None
            else self.limits.ahead(
                self.roster.everyone(number),
                account.rounds,
                number,
                first=not self.booking.done,
            ),
        )
        self.chosen_for = number if decision.nodes else None
        return decision

    @property
    def _every(self) -> timedelta | None:
        """Time between round starts; None where rounds follow at once."""
        return self.settings.every or self.settings.clock.every

    def _breathing(self, number: int, candidates: Candidates | None) -> Breathing | None:
        """What cohorts may be from a round on; None if all are of one size or nobody is known."""
        if candidates is None:
            return None
        return self.terms.breathing(self.booking.account.rounds, number, len(candidates.clients))
