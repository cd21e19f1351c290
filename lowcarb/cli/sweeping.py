"""Options of ``lowcarb sweep``: what is varied, where tasks are done, and what is kept."""

from typing import TYPE_CHECKING, Annotated

import typer

from lowcarb._util.times import as_duration
from lowcarb.cli import options
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from lowcarb.replay import HoursAfter

_WORK = "Where and how long it works"

MinShares = Annotated[
    str,
    typer.Option(
        "--min-share",
        metavar="0..1,...",
        help="Floors under each client's turns as shares of an equal share, separated by commas. "
        "0: carbon alone decides, 1: everyone takes turns.",
        rich_help_panel=options.FAIRNESS,
    ),
]
CohortSizes = Annotated[
    str,
    typer.Option(
        "--cohort-size",
        metavar="K,...",
        help="Clients in each round, one or more sizes, separated by commas.",
        rich_help_panel=options.TRAINING,
    ),
]
CohortRanges = Annotated[
    list[str] | None,
    typer.Option(
        "--cohort-range",
        metavar="A..B,...",
        help="Fewest and most clients in a round, one or more ranges, such as 5..20, separated by "
        "commas or each with the option. Default: K in each.",
        rich_help_panel=options.TRAINING,
    ),
]
Deadlines = Annotated[
    list[str] | None,
    typer.Option(
        "--deadline",
        metavar="DURATION,...",
        help="From each start to when the last round is over, one or more durations, such as "
        "48h,96h,168h, separated by commas or each with the option: the cheapest hours before it "
        "are chosen, one slot every --every. Default: rounds follow each other.",
        rich_help_panel=options.TRAINING,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Processes that work side by side. Default: one on each core.",
        rich_help_panel=_WORK,
    ),
]
Ray = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Work on a Ray cluster instead: auto, host:6379 or ray://host:10001 (needs the extra "
        "'simulation', and the same Lowcarb on all nodes).",
        rich_help_panel=_WORK,
    ),
]
Resume = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Keep finished tasks in this file, and go on from it if it is there.",
        rich_help_panel=_WORK,
    ),
]
Out = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Write a row for each point as CSV (- for standard output).",
        rich_help_panel=options.OUTPUT,
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print the sweep as JSON.", rich_help_panel=options.OUTPUT),
]


def shares(text: str) -> list[str]:
    """Split shares as they were typed; what they are is read where a decimal is exact."""
    return [part.strip() for part in text.split(",")]


def several(texts: list[str] | None) -> list[str] | None:
    """Split what may be given with several options, too; None where nothing is given."""
    return None if texts is None else [part for text in texts for part in shares(text)]


def hours(deadlines: list[str] | None) -> "list[HoursAfter]":
    """Read the hours of deadlines; none where none are given."""
    from lowcarb.replay.hours_backtest import HoursAfter

    return [HoursAfter(within=as_duration(one, "deadline")) for one in deadlines or ()]


def sizes(text: str) -> list[int]:
    """Split cohort sizes; refuse what is no whole number."""
    found = []
    for part in shares(text):
        try:
            found.append(int(part))
        except ValueError:
            raise InputError(
                f"cohort-size: expected whole numbers separated by commas, such as 5,10,20, got "
                f"{text!r:.80}",
                field="cohort_size",
            ) from None
    return found
