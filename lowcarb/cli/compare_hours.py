"""``lowcarb compare --deadline``: ways to choose hours on recorded days."""

import json
from typing import TYPE_CHECKING

import typer

from lowcarb._util.text import count
from lowcarb._util.times import as_duration
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from lowcarb.planning.planner import Planner
    from lowcarb.replay import HoursAfter, Recording, Starts
    from lowcarb.replay.hours_comparison import HoursComparison
    from lowcarb.report.inputs import InputFile

POLICIES = ("at-once", "cheapest-slots", "threshold", "ilp", "oracle")


def names_of(policies: str | None) -> list[str]:
    """Split the names of ways to choose hours; refuse unknown and repeated ones."""
    if policies is None:
        return list(POLICIES)
    names = [name.strip() for name in policies.split(",")]
    for name in names:
        if name not in POLICIES:
            raise InputError(
                f"policies: with --deadline expected some of {', '.join(POLICIES)}, got {name!r}",
                field="policies",
            )
        if names.count(name) > 1:
            raise InputError(f"policies: {name} is named twice", field="policies")
    # Everything is compared with it.
    return names if POLICIES[0] in names else [POLICIES[0], *names]


def deadlines_of(texts: "Sequence[str]") -> "list[timedelta]":
    """Read times from a start to its deadline, ascending; refuse one that is given twice."""
    found: list[timedelta] = []
    for text in texts:
        within = as_duration(text, "deadline")
        if within in found:
            raise InputError(
                f"deadline: {text} is named twice; name it once",
                field="deadline",
            )
        found.append(within)
    return sorted(found)


def play_hours(
    planner: "Planner",
    recording: "Recording",
    begins: "Callable[[Sequence[HoursAfter]], Starts]",
    deadlines: "Sequence[timedelta]",
    names: list[str],
    *,
    open_hours: str | None,
    longest_pause: str | None,
    fewest_rounds: int | None,
    workers: int,
    progress: "Callable[[str], None]",
) -> "list[HoursComparison]":
    """Play ways to choose hours, for each deadline from the same starts.

    Parameters
    ----------
    begins
        Chooses the starts, by the hours of all deadlines.
    deadlines
        From a start on, ascending.
    names
        Who plays.
    workers
        Processes.
    """
    from lowcarb.planning.policies import Planned
    from lowcarb.planning.slot_policies import slot_policies
    from lowcarb.planning.slot_solver import SlotSearch
    from lowcarb.replay.hours_backtest import HoursAfter
    from lowcarb.replay.hours_comparison import compare_hours

    limit = Planned(planner.solvers).time_limit
    policies = slot_policies(planner.solvers, limit)
    hours = [
        HoursAfter(
            within=within,
            open_hours=open_hours,
            longest_pause=longest_pause,
            fewest_rounds=fewest_rounds,
        )
        for within in deadlines
    ]
    starts = begins(hours)
    found: list[HoursComparison] = []
    for after in hours:

        def say(done: int, which: int = len(found) + 1) -> None:
            progress(
                f"Played {done} of {count(len(starts.times), 'start')}, deadline {which} of "
                f"{len(deadlines)} ..."
            )

        found.append(
            compare_hours(
                planner,
                recording,
                starts.times,
                {name: policy for name, policy in policies.items() if name in names},
                after,
                oracle=SlotSearch(solvers=planner.solvers, time_limit=limit)
                if POLICIES[-1] in names
                else None,
                about_starts=starts.notes,
                workers=workers,
                progress=say,
            )
        )
    return found


def print_hours(
    found: "list[HoursComparison]",
    files: "tuple[InputFile, ...]",
    report: str | None,
    figures: str | None,
    *,
    as_json: bool,
) -> None:
    """Print the comparisons, as text or JSON, and write their page and pictures."""
    if report is not None or figures is not None:
        from lowcarb.report.comparison.hours_html import save_hours
        from lowcarb.report.comparison.hours_pictures import pictures_of_hours

        pictures = pictures_of_hours(found)
        if report is not None:
            save_hours(found, pictures, report, files)
        if figures is not None:
            for picture in pictures:
                picture.save(figures)
    if as_json:
        from lowcarb.report.comparison.hours_as_json import hours_to_dict
        from lowcarb.report.documents import document

        content = document("compare-hours", hours_to_dict(found), files)
        typer.echo(json.dumps(content, allow_nan=False))
        return
    from lowcarb.cli.compare_hours_text import render
    from lowcarb.cli.consoles import literal_console

    render(found, literal_console())
