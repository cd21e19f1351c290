"""A few clients and constant intensities, to decide about a round."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from lowcarb import Series
from lowcarb.planning.policies import POLICIES, Policy
from lowcarb.providers import Answer
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.training.client_state import Facts
from lowcarb.training.decider import Decider
from lowcarb.training.decision import Decision
from lowcarb.training.roster import Roster
from tests.helpers.data import START

HOUR = timedelta(hours=1)
ROUNDS = 6
LEVELS = {"NO": 20.0, "FR": 60.0, "DE": 400.0, "PL": 800.0}
"""Intensity of each region, the same all day long."""


class Levels:
    """Gives intensities that are constant unless told otherwise, and keeps what it was asked for.

    Parameters
    ----------
    levels
        Of each region.
    hours
        What each hour from the start on is times its region's level.
    """

    def __init__(
        self, levels: Mapping[str, float] = LEVELS, hours: Sequence[float] = (1.0,) * 24
    ) -> None:
        self.levels = levels
        self.hours = np.array(hours)
        self.horizon = timedelta()

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        self.horizon = end - start
        times = start.timestamp() + 3600.0 * np.arange(len(self.hours), dtype=np.float64)
        return {
            name: Series(times=times, values=self.levels[name] * self.hours)
            for name in regions
            if name in self.levels
        }, {}


def roster(
    regions: Sequence[str | None] = tuple(LEVELS), *, floor: int = 0, minutes: float = 30
) -> Roster:
    """One client a0, a1, ... in each of the regions, on nodes 100, 101, ..."""
    one = Roster(lambda _number, _clients: (floor, ROUNDS), ROUNDS)
    facts = {
        100 + i: Facts(name=f"a{i}", region=region, energy_kwh=0.5, duration_s=60 * minutes)
        for i, region in enumerate(regions)
    }
    one.meet(facts, facts, 1)
    return one


def decide(
    one: Roster,
    number: int = 1,
    *,
    size: int = 2,
    every: timedelta | None = HOUR,
    policy: Policy = POLICIES["regret"],
    provider: Any = None,
) -> Decision:
    candidates = one.candidates(number)
    assert candidates is not None
    decider = decider_of(policy, provider=provider)
    return decider.decide(candidates, number, START + number * HOUR, every, cohort_size=size)


def decider_of(policy: Policy, *, provider: Any = None) -> Decider:
    return Decider(
        forecasts=FallbackForecasts(provider=provider or Levels()),
        policy=policy,
        rounds=ROUNDS,
        seed=0,
    )
