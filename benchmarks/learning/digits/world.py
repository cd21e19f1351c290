"""Where the clients are and what their turns emit: the embedded scenario of `lowcarb demo`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from lowcarb import Fleet, Forecast, Provenance, TypicalDay
from lowcarb.demo.scenario import REACH_DAYS, START, Scenario
from lowcarb.providers import Answer
from lowcarb_solvers.arrays import IntArray

EVERY = timedelta(hours=1)
"""From the start of one round to the next."""
_STORY_DAYS = 10


@dataclass(frozen=True, kw_only=True)
class World:
    """Clients of a simulation in the scenario of a seed; it is a provider of its forecasts.

    Parameters
    ----------
    seed
        Of the scenario: decides weather, forecast errors and machines.
    clients
        How many there are; partition i is the scenario's client i.
    rounds
        How many rounds its weather must last for.
    alike
        Whether all clients train on the same machine, so that their regions alone tell them apart.
    """

    seed: int
    clients: int
    rounds: int
    alike: bool = False

    @cached_property
    def scenario(self) -> Scenario:
        """The demo's own where it lasts long enough; another number of days is other weather."""
        needed = REACH_DAYS + math.ceil(self.rounds * EVERY / timedelta(days=1))
        return Scenario(seed=self.seed, days=max(_STORY_DAYS, needed), clients=self.clients)

    @cached_property
    def fleet(self) -> Fleet:
        """The scenario's clients under the names that a simulation knows them by."""
        names = [f"partition-{i}" for i in range(self.clients)]
        fleet = replace(self.scenario.fleet, clients=names)
        if not self.alike:
            return fleet
        return replace(
            fleet,
            energy_kwh=np.full(self.clients, float(np.median(fleet.energy_kwh))),
            duration_s=np.full(self.clients, float(np.median(fleet.duration_s))),
        )

    @property
    def actual(self) -> Forecast:
        """The intensities that come true."""
        return self.scenario.actual

    @property
    def typical(self) -> TypicalDay:
        """Typical days of all regions, for rounds that no forecast reaches."""
        return self.scenario.grid_statistics.typical

    @property
    def cleanest_first(self) -> IntArray:
        """Partitions by the mean intensity of their region's typical day (clients,)."""
        mean = dict(
            zip(self.typical.regions, self.typical.intensity.mean(axis=1).tolist(), strict=True)
        )
        fleet = self.fleet
        levels = [mean[fleet.regions[r]] for r in fleet.region]
        return np.argsort(levels, kind="stable").astype(np.int64)

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:  # noqa: ARG002 - each issue is given whole
        """Return the newest issue at a time."""
        issue = self.scenario.issues.at(start)
        return {
            name: replace(
                issue.of(name),
                provenance=Provenance(
                    provider=issue.source, zone=name, signal="average", issued_at=issue.issued_at
                ),
            )
            for name in regions
        }, {}

    def emissions_g(self, cohorts: Mapping[int, Sequence[int]]) -> float:
        """Add up what came true for the partitions that trained in each round, gCO2eq.

        Parameters
        ----------
        cohorts
            Partitions by the number of their round, from 1.
        """
        return sum(
            self._turn_g(client, START + (number - 1) * EVERY)
            for number, cohort in cohorts.items()
            for client in cohort
        )

    def random_g(self, cohort_size: int) -> float:
        """Expected emissions of random cohorts over all rounds, gCO2eq."""
        everyone = dict.fromkeys(range(1, self.rounds + 1), range(self.clients))
        return self.emissions_g(everyone) * cohort_size / self.clients

    def _turn_g(self, partition: int, start: datetime) -> float:
        client = self.fleet[partition]
        return client.energy_kwh * self.actual.mean(client.region, start, client.duration)
