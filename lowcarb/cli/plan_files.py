"""From the files and options of ``lowcarb plan`` to a plan, with what a person should know."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lowcarb._util.text import listed, named
from lowcarb.cli.errors import naming
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from lowcarb.carbon.correction_measured import Corrected
    from lowcarb.carbon.forecast import Forecast
    from lowcarb.carbon.how_written import HowWritten
    from lowcarb.carbon.kinds import Kind
    from lowcarb.carbon.typical_day import TypicalDay
    from lowcarb.fleet.fleet import Fleet
    from lowcarb.planning.history import History
    from lowcarb.planning.hours import Hours
    from lowcarb.planning.plan import Plan
    from lowcarb.planning.planner import Planner


def plan_from_files(
    *,
    forecast: str | None,
    clients: str,
    start: str | None,
    every: str,
    how: "HowWritten",
    typical: str | None,
    actuals: str | None,
    delay: "timedelta | None",
    availability: str | None,
    ledger: str | None,
    also: str | None,
    how_also: "HowWritten",
    progress: Any,
    prices: bool = False,
    **training: Any,
) -> "tuple[Plan, Forecast, Corrected | None]":
    """Read what a plan needs and make it.

    Also return the issue of the forecast that serves, and how it was corrected; None if it is as it
    was issued.

    Parameters
    ----------
    forecast, clients, start, every, typical, actuals, availability, ledger, also
        As the options of the command say.
    how, how_also
        How the files are written, and how that of the second signal is.
    delay
        How long after its end an actual value is known; None if the forecast is not to be
        corrected.
    progress
        Called with a text before planning begins.
    prices
        Whether to find out what a unit of each limit costs.
    **training
        Of the `Planner`.
    """
    import numpy as np

    from lowcarb._util.times import as_duration, parse_instant
    from lowcarb.carbon.correction import Corrector
    from lowcarb.carbon.correction_measured import Corrected
    from lowcarb.carbon.forecast_csv import read_actuals, read_forecasts
    from lowcarb.carbon.kinds import require_comparable, saying
    from lowcarb.carbon.typical_day import learn_typical_day
    from lowcarb.carbon.typical_day_csv import read_typical_day
    from lowcarb.fleet.availability_csv import read_availability
    from lowcarb.fleet.fleet_csv import read_fleet
    from lowcarb.planning.grams_interval import grams_interval
    from lowcarb.planning.planner import Planner

    with naming("start"):
        begin = None if start is None else parse_instant(start)
    interval = as_duration(every, "every")
    fleet = read_fleet(clients, how.dialect)
    planner = Planner(fleet=fleet, every=interval, **training)
    history, notes = (None, ()) if ledger is None else _history(ledger, planner)
    windows = (
        None
        if availability is None
        else read_availability(availability, fleet, how.dialect, how.times)
    )
    if typical is not None and actuals is not None:
        raise InputError("expected --typical or --actuals, got both", field="typical")
    past = None if actuals is None else read_actuals(actuals, how=how)
    days = None if typical is None else read_typical_day(typical, how.units, how.dialect)
    corrected = corrector = None
    if forecast is None:
        days = learn_typical_day(past) if past is not None else days
        first, issue = _by_typical_days(days, begin, planner, history)
        # Days that are learnt or given are of the kind that was said of their file.
        issue = saying(issue, _kind(past, how))
        notes = (*notes, *issue.notes)
    else:
        issues = read_forecasts(forecast, how=how)
        issue = issues.newest if begin is None else issues.at(begin)
        first = begin or issue.first_covered(fleet.regions)
        if begin is None:
            notes = (*notes, *_before_forecast(planner.hours, first), *_old(first, issue))
        notes = (*notes, *issue.notes)
        if past is not None:
            require_comparable(issue, past, fleet.regions)
        if past is not None and delay is not None:
            corrector = Corrector(issues=issues, actual=past, delay=delay)
            issue = corrector.correct(issue, first)
            corrected = Corrected.by(corrector, fleet.regions, first)
            verdicts = corrector.verdicts(first)
            those = [verdicts[name].sentence for name in fleet.regions if name in verdicts]
            notes = (*notes, corrected.sentence, *those)
    notes = (*notes, *_served_by_older(issue, fleet))
    online = None if windows is None else windows.matrix(fleet, planner.starts(first, history))
    note = None if days is None and past is None else planner.reach_note(first, issue, history)
    if note is not None and days is None and past is not None:
        # Of a history that has gaps they may not be known, and are not needed before.
        days = learn_typical_day(past)
    if days is not None:
        notes = (*notes, *days.notes)
        notes = notes if note is None else (*notes, note)
        issue = days.extend(issue, planner.end(first, history))
    progress(f"Planning {planner.rounds} rounds of {planner.sizes} from {len(fleet)} clients ...")
    second = None if also is None else read_forecasts(also, how=how_also).at(first)
    notes = (*notes, *(() if second is None else second.notes))
    plan = planner.plan(first, issue, history, online, also=second, prices=prices)
    # Where there is excess energy, errors of forecasts are not all that changes grams.
    if corrector is not None and not (plan.limits is not None and plan.limits.sites):
        found = grams_interval(
            corrector.errors,
            issue,
            fleet,
            np.array([start.timestamp() for start in plan.starts]),
            plan.solution.cohorts,
            first,
        )
        plan = replace(plan, interval90_g=found.bounds)
        notes = (*notes, found.sentence)
    return replace(plan, notes=(*notes, *plan.notes)), issue, corrected


def _kind(past: "Forecast | None", how: "HowWritten") -> "Kind":
    """Of which kind typical days are: that of the days that they are learnt from, else as said."""
    from lowcarb.carbon.kinds import Kind

    if past is None:
        return Kind(how.signal, how.accounting)
    return Kind.of(next(iter(past.series.values())).provenance)


def _by_typical_days(
    days: "TypicalDay | None",
    begin: "datetime | None",
    planner: "Planner",
    history: "History | None",
) -> "tuple[datetime, Forecast]":
    """Let typical days stand in for a forecast."""
    if days is None:
        raise InputError(
            "expected --forecast FILE, or --typical or --actuals FILE to plan on typical days",
            field="forecast",
        )
    if begin is None:
        raise InputError(
            "start: typical days hold on any day, so --start TIME says when the first round begins",
            field="start",
        )
    return begin, days.forecast(begin, planner.end(begin, history))


def _before_forecast(hours: "Hours | None", first: "datetime") -> tuple[str, ...]:
    """Say that no hours before the forecast begins can be chosen; refuse a deadline before that."""
    from lowcarb._util.times import show

    if hours is None:
        return ()
    if hours.deadline <= first:
        raise InputError(
            f"deadline: expected a time after {show(first)} UTC, when the forecast begins, got "
            f"{show(hours.deadline)} UTC; give a later deadline, or a forecast of that time",
            field="deadline",
        )
    if hours.earliest is None or hours.earliest >= first:
        return ()
    return (
        f"no hour from the earliest start, {show(hours.earliest)} UTC, to when the forecast "
        f"begins, {show(first)} UTC, could be chosen",
    )


def _old(first: "datetime", issue: "Forecast") -> tuple[str, ...]:
    """Say that the newest forecast is an old one, and the plan that it begins is past.

    A file that names no issue is a history, of which that is known.
    """
    from datetime import timedelta

    from lowcarb._util.times import show, utc_now

    if issue.issued_at is None or utc_now() - first < timedelta(days=1):
        return ()
    return (
        f"the newest issue is of {show(issue.issued_at)} UTC, and the plan begins with it, "
        f"{show(first)} UTC, which is past; --start says another time",
    )


def _served_by_older(issue: "Forecast", fleet: "Fleet") -> tuple[str, ...]:
    """Say which regions the newest issue does not know."""
    from lowcarb._util.times import show

    those = [
        f"{region} (issued {show(at)} UTC)"
        for region, at in sorted(issue.older.items())
        if region in fleet.regions
    ]
    if not those:
        return ()
    assert issue.issued_at is not None  # noqa: S101 - there are older ones
    return (
        f"the newest issue, of {show(issue.issued_at)} UTC, does not have {listed(those)}: older "
        "issues serve",
    )


def _history(path: str, planner: "Planner") -> "tuple[History, tuple[str, ...]]":
    """Read who took part so far, and say what that means for the plan."""
    from lowcarb.ledger import Ledger
    from lowcarb.planning.history import History

    tally = Ledger(path).tally()
    over, missing = tally.rounds_over, tally.missing_rounds
    rounds = f"rounds 1 to {over} are over" if over > 1 else "round 1 is over"
    notes = [f"{rounds if over else 'no round is over yet'} ({path})"]
    if missing:
        notes.append(f"turns in {named(missing, 'round')} are unknown and not counted ({path})")
    # Of what is unknown, the usual number is taken to have been asked.
    asked = tally.asked + planner.cohort_size * len(missing)
    spent = None
    if planner.limits is not None:
        from lowcarb.training.spent import spent_of, without_grams

        booked = Ledger(path).account().rounds
        spent = spent_of(booked, planner.fleet.clients)
        if unknown := without_grams(booked):
            notes.append(f"grams of {unknown} turns are unknown and count for no budget ({path})")
    return History.by_name(planner.fleet, tally.turns, over, asked, spent), tuple(notes)
