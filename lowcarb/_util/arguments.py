"""Arguments that cannot work: refused at once, with the same sentence at every door."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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


_PAIR = re.compile(r"\s*(\d+)\s*\.\.\s*(\d+)\s*", re.ASCII)


def as_pair(value: object) -> tuple[int, int] | None:
    """Read two whole numbers, a pair or a text such as "5..20"; None if it is neither."""
    if isinstance(value, str):
        found = _PAIR.fullmatch(value)
        # Longer numbers than these count nothing here, and Python may refuse to read them.
        if found is None or max(map(len, found.groups())) > 9:
            return None
        return int(found[1]), int(found[2])
    if isinstance(value, Sequence) and len(value) == 2 and all(is_whole(one) for one in value):
        return int(value[0]), int(value[1])
    return None


def wrong(name: str, expected: str, value: object) -> InputError:
    """Build the error that says what was expected of an argument and what came."""
    return InputError(f"{name}: expected {expected}, got {value!r:.80}", field=name)


@contextmanager
def called(**names: str) -> Iterator[None]:
    """Call arguments in errors as the caller typed them.

    Parameters
    ----------
    **names
        By the names that errors know, those of the caller.
    """
    try:
        yield
    except InputError as error:
        message, field = error.message, error.field
        for name, typed in names.items():
            message = re.sub(rf"(?<![\w.]){re.escape(name)}(?!\w)", typed, message)
            field = typed if field == name else field
        raise InputError(message, file=error.file, line=error.line, field=field) from None


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
