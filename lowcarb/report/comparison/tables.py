"""Tables and cells that comparisons have in common, whatever they are compared with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import count, three_figures
from lowcarb._util.times import show
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.wording import Compared, marked
from lowcarb.replay.backtest import Run
from lowcarb.replay.names import ORACLE
from lowcarb.replay.per_start import Intervals, PerStart
from lowcarb.report.comparison.savings import between
from lowcarb.report.comparison.verdict import floors_text
from lowcarb.report.page import Figure, Table
from lowcarb.report.words import meanings
from lowcarb_solvers import Problem

SAVINGS = ["Saved (kg)", "95% (kg)", "Saved (%)", "95% (%)", "of limit (95%)", "Floors met"]
"""Columns of `savings_row` behind the name."""


class Saved(Compared, Protocol):
    """What a policy saved, over all starts."""

    @property
    def saved_g(self) -> float:
        """Mean saved, gCO2eq."""

    @property
    def saved(self) -> float:
        """Share saved."""

    @property
    def floors_met(self) -> float:
        """Mean share of clients that got the turns they are owed."""


def savings_row(
    name: str, one: Saved, interval: Intervals, digits: int, *, reference: str
) -> tuple[object, ...]:
    """Write what a policy saved, with intervals, and whether floors were met.

    Parameters
    ----------
    name, one, interval
        Who saved what, and how sure that is.
    digits
        Behind the point of kilograms.
    reference
        With whom all are compared; it is no share of the limit, and neither is the limit.
    """
    return (
        name,
        Figure(one.saved_g / 1000, f"{one.saved_g / 1000:,.{digits}f}"),
        between(interval.saved_g, 1e-3, "", digits),
        saved_share(one.saved, one),
        between(interval.saved, 100, ""),
        "-" if name in (reference, ORACLE) else between(interval.share_of_oracle, 100, ""),
        Figure(one.floors_met, floors_text(one.floors_met)),
    )


def saved_share(saved: float, policy: Compared) -> Figure:
    """Write a saved share in percent, with a mark beside missed floors."""
    return Figure(100 * saved, marked(one_digit(saved), comparable=policy.comparable))


def one_digit(share: float) -> str:
    """Write a share in percent, without its sign; nothing is no negative nothing."""
    return f"{round(100 * share, 1) + 0.0:.1f}"


def starts_table(
    starts: Sequence[datetime],
    found: Mapping[str, PerStart],
    *,
    reference: str,
    reference_g: FloatArray,
    reference_met: FloatArray | None = None,
    caption: str,
) -> Table:
    """List what some policies saved from each start.

    Parameters
    ----------
    starts
        From when on.
    found
        By policy.
    reference, reference_g
        With whom they are compared, and what it emitted (s,), gCO2eq.
    reference_met
        Shape (s,): share of floors that it met; None where it owes no turns.
    caption
        What the figures are.
    """
    owed = np.ones(len(starts)) if reference_met is None else reference_met
    whats = ("(kg)", "saved (kg)", "saved (%)", "floors met")
    return Table(
        title="From each start",
        caption=caption,
        names=["Start (UTC)"],
        figures=[f"{reference} (kg)", *(f"{name} {what}" for name in found for what in whats)],
        rows=[
            (
                show(start),
                kg(reference_g[k]),
                *(figure for one in found.values() for figure in _from_start(one, k, owed[k] == 1)),
            )
            for k, start in enumerate(starts)
        ],
    )


def _from_start(one: PerStart, k: int, comparable: bool) -> tuple[Figure, ...]:
    met, saved = float(one.floors_met[k]), float(one.saved[k])
    return (
        kg(one.realised_g[k]),
        kg(one.saved_g[k]),
        Figure(100 * saved, marked(one_digit(saved), comparable=comparable and met == 1)),
        Figure(met, floors_text(met)),
    )


def clients_table(
    name: str,
    fleet: Fleet,
    runs: Sequence[Run],
    played: Sequence[tuple[Problem, Sequence[int]]],
) -> Table:
    """Say where clients are, what they burn, and what they did in a policy's trainings.

    Parameters
    ----------
    name
        Of the policy.
    fleet
        The clients.
    runs
        What it did; of those only as many as were played are taken.
    played
        For each start the program by what came true, and which of its rounds were held.
    """
    starts = len(played)
    emitted = np.zeros(len(fleet))
    worked = np.zeros(len(fleet))
    for (truth, rounds), run in zip(played, runs, strict=False):
        for j, cohort in zip(rounds, run.cohorts, strict=True):
            emitted[cohort] += truth.costs(cohort, j)
            worked[cohort] += 1
    floor, cap = runs[0].at_least, runs[0].at_most
    return Table(
        title="Clients",
        caption=f"What each did in a training of {name}, the mean of {count(starts, 'start')}: "
        f"{float(worked @ fleet.energy_kwh) / starts:,.3g} kWh in all.",
        names=["Client", "Region"],
        figures=[
            *("kWh a round", "Minutes", "Floor", "Cap", "Turns", "Energy (kWh)", "Realised (kg)"),
        ],
        rows=[
            (
                client,
                fleet.regions[fleet.region[i]],
                Figure(float(fleet.energy_kwh[i]), f"{fleet.energy_kwh[i]:.3g}"),
                Figure(float(fleet.duration_s[i]) / 60, f"{fleet.duration_s[i] / 60:g}"),
                int(floor[i]),
                int(cap[i]),
                Figure(worked[i] / starts, f"{worked[i] / starts:.3g}"),
                Figure(
                    worked[i] * float(fleet.energy_kwh[i]) / starts,
                    f"{worked[i] * fleet.energy_kwh[i] / starts:,.3g}",
                ),
                kg(emitted[i] / starts),
            )
            for i, client in enumerate(fleet.clients)
        ],
        words=meanings(["Floor", "Cap"]),
    )


def kg(grams: float) -> Figure:
    """Write grams in kilograms."""
    return Figure(float(grams) / 1000, three_figures(grams / 1000))
