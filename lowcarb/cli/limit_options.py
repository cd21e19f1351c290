"""Options that set side constraints: what groups, sums, budgets, rest and sites allow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lowcarb.planning.asked_limits import AskedLimits

LIMITS = "Limits"


@dataclass(frozen=True, kw_only=True)
class LimitOptions:
    """What was asked of limits: an option for each field."""

    limit: Annotated[
        list[str] | None,
        typer.Option(
            "--limit",
            metavar="TEXT",
            help="A limit of each round, or of all with 'in all', in quotes: 'region <= 4', "
            "'group=hospital >= 2', 'samples >= 20000', 'kwh region=DE <= 2', 'kg <= 3'. May be "
            "given several times.",
            rich_help_panel=LIMITS,
        ),
    ] = None
    budget_kg: Annotated[
        float | None,
        typer.Option(
            "--budget-kg",
            metavar="KG",
            help="CO2eq of the whole training, at most, as --limit 'kg <= KG in all'.",
            rich_help_panel=LIMITS,
        ),
    ] = None
    rest: Annotated[
        int | None,
        typer.Option(
            "--rest",
            metavar="N",
            help="Rounds that each client rests after a turn, as --limit 'rest >= N'.",
            rich_help_panel=LIMITS,
        ),
    ] = None
    limits: Annotated[
        str | None,
        typer.Option(
            "--limits",
            metavar="FILE",
            help="TOML file of limits; it may name CSV files of what sites may use, and of their "
            "excess energy.",
            rich_help_panel=LIMITS,
        ),
    ] = None

    @property
    def given(self) -> list[str]:
        """Names of the options that were given."""
        values = {
            "limit": self.limit,
            "budget-kg": self.budget_kg,
            "rest": self.rest,
            "limits": self.limits,
        }
        return [name for name, value in values.items() if value is not None]

    def asked(self) -> "AskedLimits | None":
        """Put together what was asked for; None if nothing was.

        Raises
        ------
        InputError
            If a text, a number or the file makes no sense.
        """
        if not self.given:
            return None
        from lowcarb.planning.asked_limits import AskedLimits
        from lowcarb.planning.limits_toml import read_limits

        return AskedLimits.of(
            self.limit or (),
            budget_kg=self.budget_kg,
            rest=self.rest,
            file=None if self.limits is None else read_limits(self.limits),
        )


@dataclass(frozen=True, kw_only=True)
class PricedLimitOptions(LimitOptions):
    """The same, with what they cost."""

    prices: Annotated[
        bool,
        typer.Option(
            "--prices",
            help="Say what one unit of each limit costs, by planning once more for each.",
            rich_help_panel=LIMITS,
        ),
    ] = False


def files_of(asked: "AskedLimits | None") -> dict[str, str | None]:
    """Name the files of limits by what they are, for the list of inputs."""
    if asked is None or not asked.files:
        return {}
    found: dict[str, str | None] = {"limits": asked.files[0]}
    if asked.sites is not None:
        for role, series in (("site-caps", asked.sites.caps), ("site-excess", asked.sites.excess)):
            found[role] = None if series is None else series.file
    return found
