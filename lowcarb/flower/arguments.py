"""What the arguments of CarbonAware must be like."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from lowcarb._util.arguments import Rules, check_number, wrong
from lowcarb._util.times import parse_instant, require_utc
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.errors import InputError, StrategyError
from lowcarb.fleet.fleet import Fleet
from lowcarb.ledger import Ledger
from lowcarb.ledger.entries import ClockKind
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.cohort_range import CohortRange
from lowcarb.planning.hours import Hours
from lowcarb.planning.limited_planning import refuse_beside
from lowcarb.planning.limits_toml import read_limits
from lowcarb.planning.planner import RULES as PLANNERS_RULES
from lowcarb.planning.policies import Planned, Policy
from lowcarb.planning.policy_checks import name_of
from lowcarb.providers import Actuals

_LIMITS = 'a list of limits, such as ["region <= 4"], or the name of a TOML file of them'
_CLOCK = ("name", "every", "now", "sleep", "__call__")


def _is_provider(value: object) -> bool:
    return not isinstance(value, type) and callable(getattr(value, "forecasts", None))


def _is_clock(value: object) -> bool:
    is_one = not isinstance(value, type) and all(hasattr(value, part) for part in _CLOCK)
    return is_one and getattr(value, "name", None) in list(ClockKind)


RULES: Rules = {
    **PLANNERS_RULES,
    "provider": (_is_provider, "an object with the method forecasts"),
    "also": (
        lambda value: _is_provider(value) or (isinstance(value, str | Path) and value != ""),
        "a provider of another signal, or the name of a forecast CSV that says its signal",
    ),
    "ledger": (
        lambda value: isinstance(value, Ledger | str | Path) and value != "",
        "the name of a file or a Ledger",
    ),
    "typical": (
        lambda value: isinstance(value, TypicalDay),
        "a TypicalDay, as read_typical_day gives",
    ),
    "clock": (_is_clock, "a WallClock, a SimulatedClock or one like them, named as a ClockKind"),
    "evaluate": (lambda value: value in ("all", "cohort"), "all or cohort"),
    "actuals": (
        lambda value: (isinstance(value, str | Path) and value != "") or isinstance(value, Actuals),
        "the name of a CSV file or an object with the method actuals",
    ),
    "correct": (lambda value: isinstance(value, bool), "True or False"),
    "strict": (lambda value: isinstance(value, bool), "True or False"),
    "debias": (lambda value: isinstance(value, bool), "True or False"),
    "resume": (
        lambda value: isinstance(value, bool) or value == "turns",
        "True or False, or the text turns",
    ),
}


def hours_of(
    deadline: datetime | str | None,
    earliest: datetime | str | None,
    open_hours: str | None,
    longest_pause: str | timedelta | None,
) -> Hours | None:
    """Read when rounds may be; None if they follow each other.

    Parameters
    ----------
    deadline, earliest, open_hours, longest_pause
        As in `CarbonAware`.

    Raises
    ------
    InputError
        If one of them makes no sense, or comes without a deadline.
    """
    if deadline is None:
        given = {"earliest": earliest, "open_hours": open_hours, "longest_pause": longest_pause}
        for name, value in given.items():
            if value is not None:
                raise InputError(
                    f"{name}: says which hours may be chosen until a deadline; give a deadline, "
                    "too",
                    field=name,
                )
        return None
    return Hours(
        deadline=_instant(deadline, "deadline"),
        earliest=None if earliest is None else _instant(earliest, "earliest"),
        open_hours=open_hours,
        longest_pause=longest_pause,
    )


def limits_of(
    limits: Iterable[str] | str | Path | None,
    budget_kg: float | None,
    rest: int | None,
    *,
    fleet: Fleet | None,
    policy: Policy,
    hours: Hours | None,
    cohort_range: CohortRange | None,
) -> AskedLimits | None:
    """Read the side constraints of a training; None if there are none.

    Parameters
    ----------
    limits, budget_kg, rest, fleet, policy, hours, cohort_range
        As in `CarbonAware`.

    Raises
    ------
    InputError
        If a limit makes no sense, needs what nobody says of clients, or does not go with the other
        arguments.
    """
    if isinstance(limits, str | Path):
        if any(sign in str(limits) for sign in "<>=\n") or not str(limits):
            raise wrong("limits", _LIMITS, limits)
        asked = AskedLimits.of(budget_kg=budget_kg, rest=rest, file=read_limits(limits))
    else:
        texts = [] if limits is None else list(limits) if isinstance(limits, Iterable) else [limits]
        if not all(isinstance(text, str) for text in texts):
            raise wrong("limits", _LIMITS, limits)
        asked = AskedLimits.of(texts, budget_kg=budget_kg, rest=rest)
    if asked is None:
        return None
    if not isinstance(policy, Planned) or not policy.keeps_limits:
        raise InputError(
            f"{asked.arguments[0]}: policy {name_of(policy)} knows nothing of {asked.texts[0]!r}; "
            "leave out policy=, or take lowcarb.planning.policies.Planned()",
            field=asked.arguments[0],
        )
    refuse_beside(asked, policy.solvers, cohort_range, deadline=hours)
    asked.check_known(fleet)
    return asked


def _instant(value: datetime | str, name: str) -> datetime:
    """Read a time with a zone, which may be text, as run configurations have it."""
    if not isinstance(value, str):
        return require_utc(value, name)
    try:
        return parse_instant(value)
    except InputError as error:
        raise InputError(f"{name}: {error.message}", field=name) from None


def check_cohort(
    cohort_size: int | None, over_selection: int, enough: int | None, private: int | None
) -> None:
    """Refuse cohorts that cannot be, or that differential privacy does not reckon with.

    Parameters
    ----------
    cohort_size, over_selection, enough
        As in `CarbonAware`.
    private
        The cohort that differential privacy reckons with; None without it.

    Raises
    ------
    InputError
        If a number is out of its range.
    StrategyError
        If they contradict differential privacy.
    """
    if cohort_size is not None:
        check_number("cohort_size", cohort_size, 1)
    check_number("over_selection", over_selection, 0)
    if private is not None and (over_selection or cohort_size not in (None, private)):
        raise StrategyError(
            f"differential privacy reckons with num_sampled_clients={private}, but "
            f"cohort_size={cohort_size} and over_selection={over_selection}; they must agree"
        )
    if enough is None:
        return
    check_number("enough", enough, 1, None if cohort_size is None else cohort_size + over_selection)
    if private is not None:
        raise StrategyError(
            f"enough={enough}: differential privacy reckons with all {private} clients of a round, "
            "so each round waits for all"
        )
