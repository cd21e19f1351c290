"""Options that say when rounds may be, and the hours that they mean."""

from typing import TYPE_CHECKING, Annotated

import typer

from lowcarb.cli.errors import naming
from lowcarb.cli.options import TRAINING
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from lowcarb.planning.hours import Hours

Deadline = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="When the last round is over, ISO-8601 with a zone: the cheapest hours before it are "
        "chosen, one slot every --every. Default: rounds follow each other.",
        rich_help_panel=TRAINING,
    ),
]
Earliest = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="With --deadline: when the first round begins at the earliest. Default: at once.",
        rich_help_panel=TRAINING,
    ),
]
Open = Annotated[
    str | None,
    typer.Option(
        "--open",
        metavar="HOURS",
        help="With --deadline: when rounds may be, such as '07:00-19:00 Europe/Berlin' or 'Mon-Fri "
        "22:00-06:00 UTC'. Default: always.",
        rich_help_panel=TRAINING,
    ),
]
LongestPause = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION",
        help="With --deadline: time between the end of a round and the next start, at most.",
        rich_help_panel=TRAINING,
    ),
]


def hours_of(
    deadline: "str | datetime | None",
    earliest: "str | datetime | None",
    open_hours: str | None,
    longest_pause: str | None,
    *,
    needs: str = "--deadline TIME",
) -> "Hours | None":
    """Read the options; None if rounds follow each other.

    Parameters
    ----------
    deadline, earliest, open_hours, longest_pause
        As they were given.
    needs
        How the option of the deadline is given that the others need.

    Raises
    ------
    InputError
        If one of them makes no sense, or comes without a deadline.
    """
    from lowcarb._util.times import parse_instant
    from lowcarb.planning.hours import Hours

    if deadline is None:
        given = {"earliest": earliest, "open": open_hours, "longest-pause": longest_pause}
        for name, value in given.items():
            if value is not None:
                raise InputError(
                    f"{name}: says which hours may be chosen until a deadline; add {needs}",
                    field=name.replace("-", "_"),
                )
        return None
    times: list[datetime | None] = []
    for name, text in (("deadline", deadline), ("earliest", earliest)):
        with naming(name):
            times.append(parse_instant(text) if isinstance(text, str) else text)
    until, since = times
    assert until is not None  # noqa: S101 - it was given
    return Hours(deadline=until, earliest=since, open_hours=open_hours, longest_pause=longest_pause)


def rounds_of(text: "str | int") -> tuple[int, int | None]:
    """Read the most rounds and the fewest of them: "96", or a range such as "24..96".

    Returns
    -------
    tuple
        The most, and the fewest; None for as many.

    Raises
    ------
    typer.BadParameter
        If it is neither: wrong usage.
    """
    from lowcarb._util.arguments import as_pair

    try:
        return int(text), None
    except ValueError:
        found = as_pair(text)
    if found is None or not 1 <= found[0] <= found[1]:
        raise typer.BadParameter(
            "expected a whole number, or the fewest and the most rounds, such as 24..96, got "
            f"{str(text)[:80]!r}",
            param_hint="'--rounds'",
        ) from None
    return found[1], found[0]
