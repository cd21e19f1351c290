"""What the arguments of CarbonAware must be like."""

from pathlib import Path

from lowcarb._util.arguments import Rules
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.ledger import Ledger
from lowcarb.ledger.entries import ClockKind
from lowcarb.planning.planner import RULES as PLANNERS_RULES

_CLOCK = ("name", "every", "now", "sleep", "__call__")


def _is_provider(value: object) -> bool:
    return not isinstance(value, type) and callable(getattr(value, "forecasts", None))


def _is_clock(value: object) -> bool:
    is_one = not isinstance(value, type) and all(hasattr(value, part) for part in _CLOCK)
    return is_one and getattr(value, "name", None) in list(ClockKind)


RULES: Rules = {
    **PLANNERS_RULES,
    "provider": (_is_provider, "an object with the method forecasts"),
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
    "debias": (lambda value: isinstance(value, bool), "True or False"),
    "resume": (
        lambda value: isinstance(value, bool) or value == "turns",
        "True or False, or the text turns",
    ),
}
