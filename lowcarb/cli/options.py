"""Options that several commands have."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lowcarb.errors import InputError

if TYPE_CHECKING:
    from lowcarb_solvers import Solver as AnySolver

_LONGEST_LIMIT_S = 86_400.0

FILES, TRAINING, FAIRNESS = "Files", "Training", "Fairness"
SOLVER, DAYS, OUTPUT = "Solver", "Days that are played", "Output"
"""Groups of options in the help of a command."""

SOLVERS = ("cbc", "flow", "greedy")


def one_of(names: Sequence[str]) -> Callable[[str], list[str]]:
    """Complete what is typed to one of some names."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


def several_of(names: Sequence[str]) -> Callable[[str], list[str]]:
    """Complete the last of several names, separated by commas."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        taken = before.split(",")
        return [
            f"{before}{comma}{name}"
            for name in names
            if name.startswith(last) and name not in taken
        ]

    return complete


Forecast = Annotated[
    str,
    typer.Option(
        rich_help_panel=FILES,
        metavar="FILE",
        help="Forecast CSV (.gz by name, - for standard input).",
    ),
]
Clients = Annotated[str, typer.Option(metavar="FILE", help="Clients CSV.", rich_help_panel=FILES)]
CohortSize = Annotated[
    int, typer.Option(metavar="K", help="Clients in each round.", rich_help_panel=TRAINING)
]
CohortRange = Annotated[
    str | None,
    typer.Option(
        metavar="A..B",
        help="Fewest and most clients in a round, such as 5..20: cohorts grow where it is clean, "
        "with as many turns in all. Default: K in each.",
        rich_help_panel=TRAINING,
    ),
]
Rounds = Annotated[
    int, typer.Option(metavar="H", help="Rounds of the whole training.", rich_help_panel=TRAINING)
]
RoundsOrRange = Annotated[
    str,
    typer.Option(
        metavar="H",
        help="Rounds of the whole training. With --deadline and --cohort-range also the "
        "fewest and the most, such as 24..96: as many turns as the most would have, in fewer "
        "and larger rounds in clean hours.",
        rich_help_panel=TRAINING,
    ),
]
Every = Annotated[
    str,
    typer.Option(
        rich_help_panel=TRAINING,
        metavar="DURATION",
        help="Time between round starts: 30min, 1h, 1h30m.",
    ),
]
Availability = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=FILES,
        metavar="FILE",
        help="CSV client,from,until: when clients are online. Clients not in it always are.",
    ),
]
MinShare = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=FAIRNESS,
        metavar="0..1",
        help="Floor under each client's turns as a share of an equal share. 0: carbon alone "
        "decides, 1: everyone takes turns. Default: 0.5.",
    ),
]
MinRounds = Annotated[
    int | None,
    typer.Option(metavar="N", help="That floor as a number of rounds.", rich_help_panel=FAIRNESS),
]
MaxShare = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=FAIRNESS, metavar=">=1", help="Cap on each client's turns. Default: none."
    ),
]
MaxRounds = Annotated[
    int | None,
    typer.Option(metavar="N", help="That cap as a number of rounds.", rich_help_panel=FAIRNESS),
]
TimeLimit = Annotated[
    float,
    typer.Option(
        rich_help_panel=SOLVER,
        metavar="SECONDS",
        help="Time limit for greedy and the solver; then greedy's plan stands.",
    ),
]
Solver = Annotated[
    str,
    typer.Option(
        rich_help_panel=SOLVER,
        metavar="cbc|flow|greedy",
        autocompletion=one_of(SOLVERS),
        help="Who solves: CBC, flow (min-cost flow; needs the extra 'fast') or greedy alone.",
    ),
]
Seed = Annotated[
    int, typer.Option(metavar="N", help="Decides between equal clients.", rich_help_panel=SOLVER)
]
Report = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Write the report as one HTML file.", rich_help_panel=OUTPUT),
]
Figures = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=OUTPUT,
        metavar="DIR",
        help="Write each picture as PNG and SVG, its figures as CSV (needs the extra 'report', as "
        "--report does).",
    ),
]


def solvers(name: str, time_limit: float, gap: float = 0.0) -> "tuple[AnySolver, ...]":
    """Return who solves, by the name of the last of them; refuse options that make no sense."""
    from lowcarb_solvers import NoSolver, chain

    _check_time_limit(time_limit)
    if not 0 <= gap < 1:
        raise InputError(f"gap: expected 0 or more and less than 1, got {gap:g}", field="gap")
    try:
        return chain(time_limit, gap=gap, solver=name)
    except NoSolver as error:
        raise InputError(str(error), field=str(error).partition(":")[0]) from None


def _check_time_limit(seconds: float) -> None:
    if not 0 < seconds <= _LONGEST_LIMIT_S:
        raise InputError(
            f"time limit: expected seconds above zero and up to {_LONGEST_LIMIT_S:g}, got "
            f"{seconds:g}",
            field="time_limit",
        )
