"""Options of ``lowcarb compare``: how recorded days are played."""

from datetime import timedelta
from typing import Annotated

import typer

from lowcarb._util.times import as_duration
from lowcarb.cli import options

ALL = "random,round-robin,cheapest,greedy,regret,lowcarb-2022,ilp,oracle"

Forecast = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=options.FILES,
        metavar="FILE",
        help="CSV of forecasts as they were issued. Default: none are known, and yesterday's "
        "values are the forecast.",
    ),
]
Actuals = Annotated[
    str,
    typer.Option(
        metavar="FILE", help="CSV of the intensities that came true.", rich_help_panel=options.FILES
    ),
]
Deadlines = Annotated[
    list[str] | None,
    typer.Option(
        "--deadline",
        metavar="DURATION,...",
        help="From each start to when the last round is over: ways to choose the hours are "
        "compared, such as 96h, or 48h,96h for a curve, separated by commas or each with the "
        "option. Default: rounds follow each other.",
        rich_help_panel=options.TRAINING,
    ),
]
Policies = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,NAME,...",
        autocompletion=options.several_of(
            (*ALL.split(","), "least-turns", "at-once", "cheapest-slots", "threshold")
        ),
        # One long word would be cut off at 80 columns.
        help=f"Who plays, separated by commas. Default: {ALL.replace(',', ', ')}; there is also "
        "least-turns. With --deadline: at-once, cheapest-slots, threshold, ilp, oracle.",
        show_default=False,
        rich_help_panel=options.DAYS,
    ),
]
Starts = Annotated[
    str | None,
    typer.Option(
        metavar="N|all",
        autocompletion=options.one_of(("all",)),
        help="How many starts, evenly spread; all: as many as fit one after another. Default: 8 "
        "with --forecast, else all.",
        rich_help_panel=options.DAYS,
    ),
]
Start = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="One start instead, ISO-8601 with a zone.",
        rich_help_panel=options.DAYS,
    ),
]
Seeds = Annotated[
    int, typer.Option(metavar="N", help="How often random is played.", rich_help_panel=options.DAYS)
]
Delay = Annotated[
    str,
    typer.Option(
        metavar="DURATION",
        help="How long after its end an actual value is known; or 0.",
        rich_help_panel=options.DAYS,
    ),
]
NoCorrection = Annotated[
    bool,
    typer.Option(
        "--no-correction",
        help="Plan on forecasts as issued. Default: corrected by the actual values known by then.",
        rich_help_panel=options.DAYS,
    ),
]

Dropout = Annotated[
    float,
    typer.Option(
        metavar="0..1",
        help="Probability that a client's turn is lost.",
        rich_help_panel=options.DAYS,
    ),
]
Absence = Annotated[
    float,
    typer.Option(
        metavar="0..1",
        help="Probability that a client is away, unannounced, in a round.",
        rich_help_panel=options.DAYS,
    ),
]
Outages = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="CSV client,from,until: work that overlaps such a time is lost, unannounced.",
        rich_help_panel=options.FILES,
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print the comparison as JSON.", rich_help_panel=options.OUTPUT),
]


def known_after(text: str) -> timedelta:
    """Read how long after its end an actual value is known; zero is a delay, too."""
    return timedelta() if text.strip() == "0" else as_duration(text, "actual-delay")
