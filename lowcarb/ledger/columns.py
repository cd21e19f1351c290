"""Dataclasses as rows: each field is a column of its name, written and read by its type.

So a new field needs its column in `schema.MIGRATIONS` and nothing else here, in `write` or in
`read`. Fields that hold other dataclasses have tables of their own.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache, partial
from types import NoneType
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

from lowcarb._util.times import parse_instant, require_utc
from lowcarb.errors import InputError
from lowcarb.ledger.entries import Loss

T = TypeVar("T")


class Column(NamedTuple):
    """How a field is kept.

    Parameters
    ----------
    kind
        The column's type in SQLite.
    write
        From a value, and what it is called in errors, to what SQLite keeps.
    read
        The way back.
    optional
        Whether the value may be None, which is NULL.
    """

    kind: str
    write: Callable[[Any, str], Any]
    read: Callable[[Any], Any]
    optional: bool


@cache
def columns_of(cls: type) -> dict[str, Column]:
    """Return the columns of a dataclass by name, in the order of its fields.

    Raises
    ------
    TypeError
        If there is no way to keep a field of such a type.
    """
    hints = get_type_hints(cls)
    return {
        field.name: _column(hints[field.name], f"{cls.__name__}.{field.name}")
        for field in fields(cls)
        if not any(is_dataclass(part) for part in get_args(hints[field.name]))
    }


def to_row(thing: Any, whose: str = "") -> dict[str, Any]:
    """Write a dataclass as SQLite keeps it; `whose` follows the name of a figure in errors.

    Raises
    ------
    InputError
        If a figure is negative or not finite, or a time has no zone.
    """
    row, kind = {}, thing.__class__
    for name, column in columns_of(kind).items():
        value = getattr(thing, name)
        row[name] = None if value is None else column.write(value, f"{name}{whose}")
    return row


def from_row(cls: type[T], row: Sequence[Any], **more: Any) -> T:
    """Read a dataclass from its columns, in the order of `columns_of`; `more` are other fields.

    Raises
    ------
    ValueError, TypeError
        If a value makes no sense.
    """
    kind: type = cls
    columns = columns_of(kind).items()
    values = {
        name: _read(column, name, value) for (name, column), value in zip(columns, row, strict=True)
    }
    return cls(**values, **more)


def _read(column: Column, name: str, value: Any) -> Any:
    if value is None:
        if column.optional:
            return None
        raise ValueError(f"{name} is not there")
    if not isinstance(value, _STORED[column.kind]):
        raise TypeError(f"{name}: expected {column.kind}, got {value!r}")
    return column.read(value)


def instant_text(instant: datetime, what: str) -> str:
    """Write a time so that the order of texts is that of times; refuse what could not be read."""
    text = require_utc(instant, what).isoformat(timespec="microseconds")
    parse_instant(text)
    return text.replace("+00:00", "Z")


def _figure(value: float, what: str) -> float:
    # SQLite would turn NaN into unknown without a word.
    if not 0 <= value < math.inf:
        raise InputError(f"{what}: expected a finite number from zero on, got {value}")
    return float(value)


def _signed(value: float, what: str) -> float:
    if not -math.inf < value < math.inf:
        raise InputError(f"{what}: expected a finite number, got {value}")
    return float(value)


def _read_figure(value: float) -> float:
    return _figure(value, "a figure")


def _read_count(value: int) -> int:
    if value < 0:
        raise ValueError(f"expected a whole number from zero on, got {value}")
    return value


def _read_texts(value: str) -> list[str]:
    texts = json.loads(value)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"expected a list of texts, got {value}")
    return texts


def _enumerated(kind: type[Enum], value: Any, what: str) -> Any:
    try:
        return kind(value).value
    except ValueError:
        expected = ", ".join(repr(each.value) for each in kind)
        raise InputError(f"{what}: expected one of {expected}, got {value!r}") from None


_KINDS: dict[Any, tuple[str, Callable[[Any, str], Any], Callable[[Any], Any]]] = {
    bool: ("INTEGER", lambda value, _: int(bool(value)), bool),
    int: ("INTEGER", lambda value, _: int(value), _read_count),
    float: ("REAL", _figure, _read_figure),
    Loss: ("REAL", _signed, lambda value: _signed(value, "a loss")),
    str: ("TEXT", lambda value, _: value, str),
    datetime: ("TEXT", instant_text, parse_instant),
    Sequence[str]: ("TEXT", lambda value, _: json.dumps(list(value)), _read_texts),
}
# What SQLite gives for a column of each kind; a damaged file can hold anything in any.
_STORED: dict[str, tuple[type, ...]] = {"INTEGER": (int,), "REAL": (float, int), "TEXT": (str,)}


def _column(hint: Any, name: str) -> Column:
    parts = get_args(hint)
    optional = NoneType in parts
    if optional:
        (hint,) = (part for part in parts if part is not NoneType)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Column("TEXT", partial(_enumerated, hint), hint, optional)
    if hint not in _KINDS:
        raise TypeError(f"{name}: a ledger has no column for {hint}")
    return Column(*_KINDS[hint], optional)
