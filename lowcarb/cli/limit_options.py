"""Options that set side constraints: what groups, sums, budgets, rest and sites allow."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from lowcarb.cli.together import in_words

if TYPE_CHECKING:
    from lowcarb.planning.asked_limits import AskedLimits
    from lowcarb.planning.limit_text import LimitText

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
            "'group=hospital >= 2', 'region <= 40%', 'samples >= 20000', 'kwh region=DE <= 2', "
            "'kg <= 3'. May be given several times.",
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
        list[str] | None,
        typer.Option(
            "--limits",
            metavar="FILE",
            help="TOML file of limits; it may name CSV files of what sites may use, and of their "
            "excess energy. May be given several times.",
            rich_help_panel=LIMITS,
        ),
    ] = None

    @property
    def given(self) -> dict[str, object]:
        """What was given, by the fields here."""
        values = {
            "limit": self.limit,
            "budget_kg": self.budget_kg,
            "rest": self.rest,
            "limits": self.limits,
        }
        # click gives an empty list for an option that may be given several times, and is not.
        return {name: value for name, value in values.items() if value not in (None, [])}

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
        from lowcarb.planning.limits_toml import read_all_limits

        asked = AskedLimits.of(
            self.limit or (),
            budget_kg=self.budget_kg,
            rest=self.rest,
            file=read_all_limits(self.limits or ()),
        )
        return (
            None if asked is None else replace(asked, limits=tuple(map(self._typed, asked.limits)))
        )

    def _typed(self, limit: "LimitText") -> "LimitText":
        """Let errors name a limit as it was typed."""
        if limit.file is not None:
            return limit
        option = "limit" if limit.argument == "limits" else limit.argument
        value = limit.text if option == "limit" else self.given[option]
        return replace(limit, given=in_words(option, value)[0])


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
    of_sites: dict[str, str | None] = {}
    if asked.sites is not None:
        for role, series in (("site-caps", asked.sites.caps), ("site-excess", asked.sites.excess)):
            of_sites[role] = None if series is None else series.file
    own = [file for file in asked.files if file not in of_sites.values()]
    return {"limits" if i == 1 else f"limits-{i}": file for i, file in enumerate(own, 1)} | of_sites
