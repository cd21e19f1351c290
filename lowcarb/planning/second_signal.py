"""The same cohorts by a second signal: what they emit by intensities that they were not chosen by.

An average intensity says how much of what a grid emits is theirs, a marginal one what their choice
changes. Figures of two signals stand side by side; they are never added and never ranked together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.text import grams_if_known, origin
from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.kinds import Kind
from lowcarb.errors import CoverageError
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.emissions import known_intensities
from lowcarb_solvers import Problem


@dataclass(frozen=True, kw_only=True)
class Emitted:
    """What some turns emit by a signal, as far as their intensities are known.

    Parameters
    ----------
    known_g
        Emissions of the turns whose intensities are known, gCO2eq.
    known_kwh
        Energy of those turns.
    energy_kwh
        Energy of all turns.
    """

    known_g: float
    known_kwh: float
    energy_kwh: float

    @property
    def share(self) -> float:
        """Share of the energy whose intensity is known; 1 only if all of it is."""
        return 1.0 if self.whole else self.known_kwh / self.energy_kwh

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self.known_kwh == self.energy_kwh

    @property
    def grams(self) -> float | None:
        """Emissions of what is known, gCO2eq; None if nothing is."""
        return self.known_g if self.known_kwh or self.whole else None


@dataclass(frozen=True, kw_only=True, eq=False)
class Repriced:
    """A program by a second signal: what any of its cohorts emit, as far as that is known.

    Parameters
    ----------
    grams
        The program with the second signal's intensities as costs, zero where unknown.
    known
        The program with known energies, kWh, as costs.
    energy
        The program with all energies, kWh, as costs.
    """

    grams: Problem
    known: Problem
    energy: Problem

    @classmethod
    def of(
        cls, problem: Problem, fleet: Fleet, forecast: Forecast, starts: FloatArray
    ) -> "Repriced":
        """Price a program anew.

        Parameters
        ----------
        problem
            In grams, of n clients and t rounds.
        fleet
            The n clients.
        forecast
            The second signal's intensities; regions and times may be missing.
        starts
            Shape (t,): when each round starts, seconds since 1970.
        """
        paid = known_intensities(fleet, forecast, starts)
        known = ~np.isnan(paid.intensity)

        def priced(level: FloatArray) -> Problem:
            return replace(problem, cost_level=level, level_of=paid.intensity_of)

        return cls(
            grams=priced(np.where(known, paid.intensity, 0.0)),
            known=priced(known.astype(np.float64)),
            energy=priced(np.ones(known.shape)),
        )

    def cohorts(self, chosen: Sequence[IntArray]) -> Emitted:
        """Sum up cohorts, an array of clients for each round."""
        return Emitted(
            known_g=self.grams.cost(chosen),
            known_kwh=self.known.cost(chosen),
            energy_kwh=self.energy.cost(chosen),
        )

    @property
    def random(self) -> Emitted:
        """The exact expectation of random cohorts."""
        return Emitted(
            known_g=self.grams.random_cost,
            known_kwh=self.known.random_cost,
            energy_kwh=self.energy.random_cost,
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SecondSignal:
    """What a plan emits by a signal that it was not made by.

    Parameters
    ----------
    kind
        Signal and accounting.
    first
        Of the signal that the plan was made by.
    source
        Where the intensities come from.
    planned
        Of the plan's cohorts.
    random
        The exact expectation of random cohorts.
    missing
        Regions of the clients of which the source says nothing.
    """

    kind: Kind
    first: tuple[Kind, ...]
    source: str
    planned: Emitted
    random: Emitted
    missing: tuple[str, ...] = ()

    def __repr__(self) -> str:
        planned, random = grams_if_known(self.planned.grams), grams_if_known(self.random.grams)
        return (
            f"SecondSignal({self.kind}: {planned} planned, {random} random, {origin(self.source)})"
        )

    @classmethod
    def of(
        cls,
        priced: Repriced,
        cohorts: Sequence[IntArray],
        fleet: Fleet,
        kind: Kind,
        first: tuple[Kind, ...],
        forecast: Forecast,
    ) -> "SecondSignal":
        """Sum up a plan's cohorts and random ones.

        Raises
        ------
        CoverageError
            If of none of them anything is known.
        """
        planned, random = priced.cohorts(cohorts), priced.random
        if planned.grams is None and random.grams is None:
            raise CoverageError(
                f"has {kind} intensities, but none of the times of these rounds; it has "
                + "; ".join(
                    f"{name}: {forecast.series[name].describe_coverage()}"
                    for name in fleet.regions
                    if name in forecast.series
                ),
                file=forecast.source,
                field="target_time",
            )
        return cls(
            kind=kind,
            first=first,
            source=forecast.source,
            planned=planned,
            random=random,
            missing=tuple(r for r in fleet.regions if r not in forecast.series),
        )

    @property
    def saved_g(self) -> float | None:
        """What is saved against random cohorts by this signal, gCO2eq; None unless all is known."""
        if not (self.planned.whole and self.random.whole):
            return None
        return self.random.known_g - self.planned.known_g

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON; unknown figures are null, shares are of the energy."""
        return {
            "signal": self.kind.signal,
            "accounting": self.kind.accounting,
            "answers": self.kind.answers,
            "source": self.source,
            "planned_g": self.planned.grams,
            "planned_known_share": self.planned.share,
            "random_g": self.random.grams,
            "random_known_share": self.random.share,
            "saved_g": self.saved_g,
            "missing_regions": list(self.missing),
        }
