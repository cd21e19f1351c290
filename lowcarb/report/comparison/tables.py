"""Tables and cells that comparisons have in common, whatever they are compared with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Protocol

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.text import count, three_figures
from lowcarb._util.times import show
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.wording import Compared, marked
from lowcarb.replay.backtest import Run
from lowcarb.replay.names import ORACLE
from lowcarb.replay.per_start import Intervals, PerStart
from lowcarb.report.clients import clients_table
from lowcarb.report.comparison.savings import between
from lowcarb.report.comparison.verdict import floors_text
from lowcarb.report.page import Figure, Table
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
        saved_kg(one.saved_g, digits, comparable=one.comparable),
        between(interval.saved_g, 1e-3, "", digits),
        saved_share(one.saved, one),
        between(interval.saved, 100, ""),
        "-"
        if name in (reference, ORACLE)
        else marked(between(interval.share_of_oracle, 100, ""), comparable=one.comparable),
        Figure(one.floors_met, floors_text(one.floors_met)),
    )


def saved_share(saved: float, policy: Compared) -> Figure:
    """Write a saved share in percent, with a mark where it compares with nothing."""
    return Figure(100 * saved, marked(one_digit(saved), comparable=policy.comparable))


def saved_kg(grams: float, digits: int | None = None, *, comparable: bool) -> Figure:
    """Write what was saved in kilograms, with the same mark; to three figures without digits."""
    value = float(grams) / 1000
    text = three_figures(value) if digits is None else f"{value:,.{digits}f}"
    return Figure(value, marked(text, comparable=comparable))


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
    reference_seats: FloatArray | IntArray,
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
    reference_seats
        Shape (s,): seats that it fills.
    caption
        What the figures are.
    """
    owed = np.ones(len(starts)) if reference_met is None else reference_met

    def comparable(one: PerStart, k: int) -> bool:
        return bool(owed[k] == 1 == one.floors_met[k] and one.filled[k] >= reference_seats[k])

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
                *chain.from_iterable(
                    _from_start(one, k, comparable=comparable(one, k)) for one in found.values()
                ),
            )
            for k, start in enumerate(starts)
        ],
    )


def _from_start(one: PerStart, k: int, *, comparable: bool) -> tuple[Figure, ...]:
    met, saved = float(one.floors_met[k]), float(one.saved[k])
    return (
        kg(one.realised_g[k]),
        saved_kg(one.saved_g[k], comparable=comparable),
        Figure(100 * saved, marked(one_digit(saved), comparable=comparable)),
        Figure(met, floors_text(met)),
    )


def clients_of_runs(
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
    return clients_table(
        fleet,
        about=f"What each did in a training of {name}, the mean of {count(starts, 'start')}",
        bounds=(runs[0].at_least, runs[0].at_most),
        turns=worked / starts,
        grams=emitted / starts,
        emitted="Realised (kg)",
    )


def kg(grams: float) -> Figure:
    """Write grams in kilograms."""
    return Figure(float(grams) / 1000, three_figures(grams / 1000))
