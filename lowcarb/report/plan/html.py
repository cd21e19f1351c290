"""A plan as one HTML file that needs nothing else."""

from collections.abc import Sequence

import numpy as np

from lowcarb._util.text import change, rounded, three_figures
from lowcarb._util.times import show
from lowcarb._version import __version__
from lowcarb.carbon.forecast import Forecast
from lowcarb.planning.baselines import Baseline
from lowcarb.planning.limits_kept import LimitsKept
from lowcarb.planning.plan import Plan
from lowcarb.planning.policy_looks import LOOKS
from lowcarb.planning.second_signal import SecondSignal
from lowcarb.report.clients import clients_table
from lowcarb.report.inputs import InputFile, files_table, signal_sentences
from lowcarb.report.page import Figure, Table, render, save_page
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.plan.limits import (
    ABOUT_OTHERS,
    SITES_TITLE,
    about_prices,
    limit_rows,
    site_rows,
)
from lowcarb.report.plan.limits import TITLE as LIMITS_TITLE
from lowcarb.report.plan.verdict import (
    about_marks,
    beside,
    by_two_signals,
    change_from_random,
    heading,
    method,
    not_met,
    verdict,
    what_fairness_costs,
)
from lowcarb.report.two_signals import TITLE, kinds_text, shares_text
from lowcarb.report.words import meanings


def save_plan(
    plan: Plan,
    forecast: Forecast,
    pictures: Sequence[Picture],
    path: str,
    files: Sequence[InputFile] = (),
) -> None:
    """Write the page; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    save_page(plan_to_html(plan, forecast, pictures, files), path)


def plan_to_html(
    plan: Plan, forecast: Forecast, pictures: Sequence[Picture], files: Sequence[InputFile] = ()
) -> str:
    """Write the page; whatever came from outside is escaped.

    Parameters
    ----------
    plan, forecast
        What was planned, and by which intensities.
    pictures
        Of the plan.
    files
        What was read.
    """
    return render(
        "plan",
        title="Who works when, and what it saves",
        heading=heading(plan),
        verdict=verdict(plan),
        more=what_fairness_costs(plan),
        missing=[f"Not met: {sentence}." for sentence in not_met(plan)],
        method=method(plan),
        signal=signal_sentences({"Forecast": forecast}),
        baselines=_baselines(plan),
        limits=[] if plan.limits is None else _limits(plan.limits),
        two_signals=None if plan.also is None else _by_two_signals(plan, plan.also),
        pictures=pictures,
        clients=_clients(plan),
        rounds=_rounds(plan),
        notes=[*plan.notes, *plan.solution.notes],
        files=files_table(files),
        version=__version__,
    )


def _baselines(plan: Plan) -> Table:
    rows = beside(plan)
    random = plan.baselines["random"].planned_g
    return Table(
        title="Beside other ways to choose",
        caption=" ".join(
            [
                "What each is expected to emit in these rounds, by the forecast.",
                *(f"{line}." for line in about_marks(plan)),
            ]
        ),
        names=["Who chooses"],
        figures=["Planned (kg)", "Saved (kg)", "vs random", "Floors met"],
        rows=[
            (
                LOOKS[name].beside_plan,
                _kg(row.planned_g),
                _kg(random - row.planned_g),
                _change(plan, row, random),
                "by chance"
                if row.floors_met is None
                else Figure(row.floors_met, f"{row.floors_met:.0%}"),
            )
            for name, row in rows.items()
        ],
        words=meanings(rows, ["Floors met"]),
    )


def _limits(kept: LimitsKept) -> list[Table]:
    prices = [] if kept.prices is None else ["Price"]
    tables = [
        Table(
            title=LIMITS_TITLE,
            caption=" ".join([ABOUT_OTHERS, *about_prices(kept)]),
            names=["Limit", "Comes to", "Kept", *prices],
            figures=[],
            rows=[row[: 3 + len(prices)] for row in limit_rows(kept)],
        ),
        Table(
            title=SITES_TITLE,
            caption="Energy that would be wasted otherwise is used before that of the grid.",
            names=["Site", "There is", "Used", "Saves"],
            figures=[],
            rows=list(site_rows(kept)),
        ),
    ]
    return [table for table in tables if table.rows]


def _by_two_signals(plan: Plan, second: SecondSignal) -> Table:
    random = plan.baselines["random"].planned_g
    other, drawn = second.planned, second.random
    return Table(
        title=TITLE,
        caption=" ".join(by_two_signals(plan, second)),
        names=["Signal"],
        figures=["Plan (kg)", "Random (kg)", "Saved (kg)", "Plan vs random", "Of energy"],
        rows=[
            (
                f"{kinds_text(second.first)} (planned by)",
                _kg(plan.planned_g),
                _kg(random),
                _kg(random - plan.planned_g),
                change(plan.planned_g, random),
                "100%",
            ),
            (
                str(second.kind),
                "?" if other.grams is None else _kg(other.grams),
                "?" if drawn.grams is None else _kg(drawn.grams),
                "?" if second.saved_g is None else _kg(second.saved_g),
                "?" if second.saved_g is None else change(other.known_g, drawn.known_g),
                shares_text(other, drawn),
            ),
        ],
    )


def _clients(plan: Plan) -> Table:
    fleet, problem = plan.fleet, plan.problem
    emitted = np.zeros(len(fleet))
    for j, cohort in enumerate(plan.solution.cohorts):
        emitted[cohort] += problem.costs(cohort, j)
    return clients_table(
        fleet,
        about="What each does in these rounds",
        bounds=(problem.at_least, problem.at_most),
        turns=plan.solution.turns.astype(np.float64),
        grams=emitted,
        emitted="Planned (kg)",
    )


def _rounds(plan: Plan) -> Table:
    fleet = plan.fleet
    energy = dict(zip(fleet.clients, fleet.energy_kwh.tolist(), strict=True))
    breathes = plan.cohort_range is not None
    return Table(
        title="Rounds",
        caption="Who works in each round, and what that is expected to emit.",
        names=["Round", "Start (UTC)", "Clients"],
        figures=[*(["Size"] if breathes else []), "Energy (kWh)", "Planned (kg)", "g/kWh"],
        rows=[
            (
                planned.round,
                show(planned.start),
                ", ".join(planned.clients),
                *([len(planned.clients)] if breathes else []),
                Figure(kwh, rounded(kwh)),
                _kg(planned.planned_g),
                Figure(planned.planned_g / kwh, f"{planned.planned_g / kwh:.0f}") if kwh else "-",
            )
            for planned, kwh in (
                (planned, sum(energy[client] for client in planned.clients))
                for planned in plan.rounds
            )
        ],
    )


def _change(plan: Plan, row: Baseline, random: float) -> Figure | str:
    text = change_from_random(plan, row)
    return Figure(row.planned_g / random - 1, text) if random else text


def _kg(grams: float) -> Figure:
    return Figure(float(grams) / 1000, three_figures(grams / 1000))
