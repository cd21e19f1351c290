"""Sites that several clients share: what each may use, and its energy that would be wasted."""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray
from lowcarb._util.text import listed
from lowcarb._util.times import from_seconds, show
from lowcarb.errors import CoverageError, InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.fleet_groups import REGION, columns_of_names, groups_of
from lowcarb.planning.site_series import SiteSeries
from lowcarb_solvers import Excess, Problem, Rule, knapsack


@dataclass(frozen=True, kw_only=True, eq=False)
class Sites:
    """Caps and excess energy of sites.

    A round counts what there is from its start to the next one's.

    Parameters
    ----------
    column
        Which column of the clients names their site: region, group or attr:NAME.
    caps
        What each site may use; None for as much as it likes. Sites that are not in it have no cap.
    excess
        What there is at each site that would be wasted otherwise: it is used before the grid's.
        None if there is none.
    excess_g_per_kwh
        What excess energy emits, gCO2eq/kWh.
    file
        Where this is written, for messages.
    """

    column: str
    caps: SiteSeries | None = None
    excess: SiteSeries | None = None
    excess_g_per_kwh: float = 0.0
    file: str | None = None

    @property
    def names(self) -> list[str]:
        """All sites of the files, in their order."""
        series = [one for one in (self.caps, self.excess) if one is not None]
        return list(dict.fromkeys(name for one in series for name in one.kw))

    def groups(self, fleet: Fleet, *, known: bool = True) -> dict[str, BoolArray]:
        """Whose each site is (n,).

        Parameters
        ----------
        fleet
            The clients.
        known
            Whether the fleet has everyone who may take part: then a site of nobody is a mistake.

        Raises
        ------
        InputError
            If the clients have no such column, or nobody is at a site.
        """
        names = columns_of_names(fleet)
        if self.column not in names:
            raise InputError(
                f"sites: column: expected a column of names of the clients, got {self.column!r}; "
                f'known are {listed(names, len(names))}; for example column = "{names[-1]}"',
                file=self.file,
                field="sites",
            )
        groups = groups_of(fleet, self.column)
        for name in self.names if known else ():
            if name not in groups:
                raise InputError(
                    f"sites: no client has {self.column}={name}; known are {listed(list(groups))}",
                    file=self.file,
                    field="sites",
                )
        nobody = np.zeros(len(fleet), dtype=np.bool_)
        return {name: groups.get(name, nobody) for name in self.names}

    def rules(
        self, fleet: Fleet, starts: FloatArray, length_s: float, *, known: bool = True
    ) -> tuple[Rule, ...]:
        """Make the caps rules of rounds.

        Parameters
        ----------
        fleet
            n clients.
        starts
            Shape (t,): of the rounds, seconds since 1970.
        length_s
            From one start to the next.
        known
            Whether files must have all of these times: else the least that a site ever may use
            stands in for those beyond.

        Raises
        ------
        CoverageError
            If they do not.
        """
        if self.caps is None:
            return ()
        found = []
        for name, clients in self.groups(fleet, known=known).items():
            if name not in self.caps.kw:
                continue
            cap = self.caps.energy(name, starts, length_s)
            if known:
                self._require(self.caps, name, cap, starts)
            cap = np.where(np.isnan(cap), self.caps.least(name, length_s), cap)
            found.append(
                knapsack(
                    f"cap of {self.column}={name}",
                    np.where(clients, fleet.energy_kwh, 0.0),
                    cap,
                    rounds=len(starts),
                    unit="kWh",
                    clients=clients,
                )
            )
        return tuple(found)

    def energies(
        self,
        problem: Problem,
        fleet: Fleet,
        starts: FloatArray,
        length_s: float,
        *,
        known: bool = True,
    ) -> tuple[Excess, ...]:
        """Make excess energy of the files' one; beyond their times there is none.

        What a kWh of it saves is what the site's client that is charged least for one would pay:
        clients of other durations are charged other means.

        Raises
        ------
        CoverageError
            If the file must have all of these times, and does not.
        InputError
            If a site's clients are in several regions.
        """
        if self.excess is None:
            return ()
        found = []
        for name, clients in self.groups(fleet, known=known).items():
            if name not in self.excess.kw:
                continue
            supply = self.excess.energy(name, starts, length_s)
            if known:
                self._require(self.excess, name, supply, starts)
            drawing = clients & (fleet.energy_kwh > 0)
            saves = np.zeros(problem.rounds)
            if drawing.any():
                self._require_one_region(fleet, name, drawing)
                levels = np.unique(problem.level_of[drawing])
                saves = np.maximum(
                    0.0, problem.cost_level[levels].min(axis=0) - self.excess_g_per_kwh
                )
            found.append(
                Excess(
                    name=f"{self.column}={name}",
                    clients=clients,
                    amount=np.where(clients, fleet.energy_kwh, 0.0),
                    supply=np.nan_to_num(supply),
                    saves=saves,
                )
            )
        return tuple(found)

    def _require(self, series: SiteSeries, site: str, known: FloatArray, at: FloatArray) -> None:
        if np.isnan(known).any():
            lacking = show(from_seconds(float(at[int(np.isnan(known).argmax())])))
            raise CoverageError(
                f"site {site!r}: expected values for all rounds, but that of {lacking} UTC is not "
                f"within {series.span(site)}; add rows, or plan fewer rounds",
                file=series.file,
                field="sites",
            )

    def _require_one_region(self, fleet: Fleet, site: str, clients: BoolArray) -> None:
        where = [fleet.regions[r] for r in np.unique(fleet.region[clients])]
        if self.column != REGION and len(where) > 1:
            raise InputError(
                f"sites: {self.column}={site}: expected clients of one region, since excess energy "
                f"stands in for that of one grid, got {listed(where)}",
                file=self.file,
                field="sites",
            )
