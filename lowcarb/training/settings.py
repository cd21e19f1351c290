"""What a user asked a training for."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from lowcarb._version import __version__
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.fleet.fleet import Fleet
from lowcarb.ledger import Ledger
from lowcarb.ledger.entries import ClockKind, TrainingSpec
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.cohort_range import CohortRange
from lowcarb.planning.fairness import Fairness
from lowcarb.planning.hours import Hours
from lowcarb.planning.policies import Policy
from lowcarb.providers import Actuals, Provider
from lowcarb.training.clock import Clock
from lowcarb.training.identity import Identity


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a user asked for; the arguments of `CarbonAware`."""

    provider: Provider
    fairness: Fairness
    every: timedelta | None
    ledger: Ledger | None
    fleet: Fleet | None
    typical: TypicalDay | None
    clock: Clock
    policy: Policy
    seed: int
    resume: Literal["turns"] | bool
    strict: bool = False
    also: Provider | None = None
    actuals: Actuals | None = None
    correct: bool = True
    cohort_range: CohortRange | None = None
    hours: Hours | None = None
    limits: AskedLimits | None = None

    @property
    def measures(self) -> bool:
        """Whether measurements count: in simulated time they are not of the client imagined."""
        return self.clock.name != ClockKind.SIMULATED

    def asked_for(self, rounds: int, cohort_size: int, identity: Identity) -> TrainingSpec:
        """Write down for the account what is asked for.

        Parameters
        ----------
        rounds, cohort_size
            Of the whole training; each round's, on average.
        identity
            Which training it is.
        """
        hours, (least, most) = self.hours, self.cohort_range or (None, None)
        return TrainingSpec(
            started_at=self.clock.now(),
            rounds=rounds,
            cohort_size=cohort_size,
            fairness=str(self.fairness),
            strategy=identity.strategy,
            app=identity.app,
            model_shape=identity.model_shape,
            clock=self.clock.name,
            version=__version__,
            cohort_least=least,
            cohort_most=most,
            deadline=None if hours is None else hours.deadline,
            hours=None if hours is None else str(hours),
        )
