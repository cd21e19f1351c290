"""What a user asked a training for."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.fleet.fleet import Fleet
from lowcarb.ledger import Ledger
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.cohort_range import CohortRange
from lowcarb.planning.fairness import Fairness
from lowcarb.planning.hours import Hours
from lowcarb.planning.policies import Policy
from lowcarb.providers import Actuals, Provider
from lowcarb.training.clock import Clock


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
