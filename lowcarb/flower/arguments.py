"""Arguments of CarbonAware that cannot work: refused at once, not in each round of a night."""

from pathlib import Path
from typing import Any

from lowcarb._util.integers import is_whole
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.ledger import Ledger
from lowcarb.ledger.account import ClockKind
from lowcarb.planning.fairness import Fairness

_CLOCK = ("name", "every", "now", "__call__")


def check_number(name: str, value: Any, least: int) -> None:
    """Refuse what is no whole number from `least` on.

    Raises
    ------
    InputError
        Says what was expected and what came.
    """
    if not is_whole(value):
        raise _wrong(name, "a whole number", value)
    if value < least:
        raise _wrong(name, f"{least} or more", value)


def check_parts(**parts: Any) -> None:
    """Refuse what has not the form of the argument whose name it has.

    Raises
    ------
    InputError
        Says what was expected and what came.
    """
    for name, value in parts.items():
        fits, expected = _EXPECTED[name]
        if not fits(value):
            raise _wrong(name, expected, value)


def _wrong(name: str, expected: str, value: object) -> InputError:
    return InputError(f"{name}: expected {expected}, got {value!r:.80}", field=name)


def _is_provider(value: object) -> bool:
    return not isinstance(value, type) and callable(getattr(value, "forecasts", None))


def _is_clock(value: object) -> bool:
    is_one = not isinstance(value, type) and all(hasattr(value, part) for part in _CLOCK)
    return is_one and getattr(value, "name", None) in list(ClockKind)


_EXPECTED: dict[str, tuple[Any, str]] = {
    "provider": (_is_provider, "an object with the method forecasts"),
    "fairness": (
        lambda value: isinstance(value, Fairness),
        "a Fairness, such as Fairness(min_share=0.5)",
    ),
    "ledger": (
        lambda value: isinstance(value, Ledger | str | Path) and value != "",
        "the name of a file or a Ledger",
    ),
    "fleet": (lambda value: isinstance(value, Fleet), "a Fleet, as read_fleet gives"),
    "typical": (
        lambda value: isinstance(value, TypicalDay),
        "a TypicalDay, as read_typical_day gives",
    ),
    "clock": (_is_clock, "a WallClock, a SimulatedClock or one like them, named as a ClockKind"),
    "policy": (
        lambda value: callable(value) and not isinstance(value, type),
        "one of lowcarb.planning.policies, such as Cheapest()",
    ),
    "evaluate": (lambda value: value in ("all", "cohort"), "all or cohort"),
    "debias": (lambda value: isinstance(value, bool), "True or False"),
    "resume": (lambda value: isinstance(value, bool), "True or False"),
}
