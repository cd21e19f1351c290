"""Arguments that cannot work: refused at once, with the same sentence at every door."""

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

from lowcarb.errors import InputError

Rules = Mapping[str, tuple[Callable[[Any], bool], str]]
"""By the name of an argument: whether a value fits, and what is expected."""


def is_whole(value: object) -> bool:
    """Whether something is a whole number; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether something is a real number; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def wrong(name: str, expected: str, value: object) -> InputError:
    """Build the error that says what was expected of an argument and what came."""
    return InputError(f"{name}: expected {expected}, got {value!r:.80}", field=name)


def check_number(name: str, value: Any, least: int | None = None, most: int | None = None) -> None:
    """Refuse what is no whole number from `least` to `most`, as far as they are given.

    Raises
    ------
    InputError
        Says what was expected and what came.
    """
    if not is_whole(value):
        raise wrong(name, "a whole number", value)
    if least is not None and (value < least or (most is not None and value > most)):
        raise wrong(name, f"{least} or more" if most is None else f"{least} to {most}", value)


def check_parts(rules: Rules, **parts: Any) -> None:
    """Refuse what has not the form of the argument whose name it has.

    Raises
    ------
    InputError
        Says what was expected and what came.
    """
    for name, value in parts.items():
        fits, expected = rules[name]
        if not fits(value):
            raise wrong(name, expected, value)
