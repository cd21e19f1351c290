"""Limits of a fleet from texts and TOML files: group sizes, columns, energy, grams, budgets, rest.

``region``, ``group`` and ``attr:NAME`` count the clients of each of their values in each round,
``region=NAME`` those of one; ``samples``, ``value``, ``kwh``, ``g`` and ``kg`` are added up, over
all clients or over a group, as in ``kwh region=NAME <= 2``. With ``in all`` the number is of the
whole horizon: a budget, or turns of a group. ``rest >= 2``: two rounds after each turn.
"""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.text import listed
from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.limit_text import EXAMPLES, SUMMED, LimitText, read_limit
from lowcarb.units import GRAMS_PER_KILOGRAM
from lowcarb_solvers import Limits, Rule, Stage

_REST = "rest"
_COSTS = {"g": 1.0, "kg": GRAMS_PER_KILOGRAM}
_KEYS = ("limits", "order")


def parse_limits(
    texts: Iterable[str],
    fleet: Fleet,
    *,
    rounds: int,
    rested: IntArray | None = None,
    order: Sequence[str] = (),
) -> Limits:
    """Understand limits as people write them.

    Parameters
    ----------
    texts
        One limit each.
    fleet
        Whose columns they speak of.
    rounds
        How many rounds are planned.
    rested
        Shape (n,): rounds that each client has rested already; None where all have rested enough.
    order
        Names of stages, in the order in which shortfalls are avoided; others follow as usual.

    Raises
    ------
    InputError
        If a text is not understood, or speaks of what the fleet does not have; it quotes the text
        and shows a right one.
    """
    rules: dict[str, Rule] = {}
    rest: IntArray | None = None
    for text in texts:
        limit = read_limit(text)
        if limit.what == _REST:
            if rest is not None:
                raise limit.error("expected one rest, got two")
            rest = np.full(len(fleet), _rest_of(limit), dtype=np.int64)
            continue
        for rule in _rules(limit, fleet, rounds):
            if rule.name in rules:
                raise limit.error(f"expected each limit once, got {rule.name!r} twice")
            rules[rule.name] = rule
    return Limits(
        rules=tuple(rules.values()),
        rest=rest,
        rested=None if rest is None else rested,
        stages=_stages(order),
    )


def read_limits(
    path: str | Path, fleet: Fleet, *, rounds: int, rested: IntArray | None = None
) -> Limits:
    """Read limits from a TOML file with ``limits``, a list of texts, and perhaps ``order``.

    Parameters
    ----------
    path
        The file.
    fleet, rounds, rested
        As of `parse_limits`.

    Raises
    ------
    InputError
        If the file cannot be read or holds something else; names the file.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"expected TOML, got {error}", file=str(path)) from None
    for key, value in document.items():
        texts = isinstance(value, list) and all(isinstance(text, str) for text in value)
        if key not in _KEYS or not texts:
            raise InputError(
                f"expected {' and '.join(_KEYS)} as lists of texts, got {key} = {value!r}; for "
                f"example limits = [{EXAMPLES}]",
                file=str(path),
                field=key,
            )
    try:
        return parse_limits(
            document.get("limits", []),
            fleet,
            rounds=rounds,
            rested=rested,
            order=document.get("order", []),
        )
    except InputError as error:
        raise InputError(error.message, file=str(path), field=error.field) from None


def _rest_of(limit: LimitText) -> int:
    if limit.sign != ">=" or limit.in_all or limit.number != int(limit.number):
        raise limit.error('expected whole rounds after each turn, for example "rest >= 1"')
    return int(limit.number)


def _rules(limit: LimitText, fleet: Fleet, rounds: int) -> list[Rule]:
    """Rules of one limit: of a column of names one for each name."""
    if limit.group is not None:
        column, name = limit.group
        members = _members(limit, fleet, column)
        if name not in members:
            raise limit.error(f"no client has {column}={name}; known are {listed(list(members))}")
        return [_rule(limit, fleet, rounds, limit.what, f"{column}={name}", members[name])]
    assert limit.what is not None  # noqa: S101 - what is counted, if not a group
    if limit.what in SUMMED:
        return [_rule(limit, fleet, rounds, limit.what, None, None)]
    return [
        _rule(limit, fleet, rounds, None, f"{limit.what}={name}", clients)
        for name, clients in _members(limit, fleet, limit.what).items()
    ]


def _members(limit: LimitText, fleet: Fleet, column: str) -> dict[str, BoolArray]:
    """Whose each name of a column is; clients without a name belong to no group."""
    if column == "region":
        return {name: fleet.region == number for number, name in enumerate(fleet.regions)}
    values = fleet.attributes.get(column)
    if values is None or isinstance(values, np.ndarray):
        names = [c for c, v in fleet.attributes.items() if not isinstance(v, np.ndarray)]
        known = ["region", *names, *SUMMED, _REST]
        raise limit.error(
            f"expected a column of names, or what is added up, got {column!r}; known are "
            f"{listed(known, len(known))}; for example {EXAMPLES}"
        )
    array = np.asarray(values)
    return {str(name): array == name for name in np.unique(array) if str(name)}


def _rule(
    limit: LimitText,
    fleet: Fleet,
    rounds: int,
    what: str | None,
    group: str | None,
    clients: BoolArray | None,
) -> Rule:
    """Make a rule of what is added up, or of clients counted, over a group or all."""
    bound = limit.number * _COSTS.get(what or "", 1.0)
    if what is None and bound != int(bound):
        raise limit.error(
            f"expected a whole number of clients, got {limit.number:g}; for example "
            f'"{group} {limit.sign} {int(bound) + 1}"'
        )
    units = {"kwh": "kWh", "g": "g", "kg": "g", None: "turns" if limit.in_all else "clients"}
    bounds = f"{limit.sign} {limit.number:.15g}{' in all' * limit.in_all}"
    size = 1 if limit.in_all else rounds
    return Rule(
        name=" ".join(part for part in (what, group, bounds) if part),
        unit=units.get(what, what or ""),
        clients=clients,
        amount=None if what is None or what in _COSTS else _amount(limit, fleet, what),
        costs=what in _COSTS,
        at_least=np.full(size, -np.inf if limit.sign == "<=" else bound),
        at_most=np.full(size, np.inf if limit.sign == ">=" else bound),
        whole=limit.in_all,
    )


def _amount(limit: LimitText, fleet: Fleet, what: str) -> FloatArray:
    """What a turn of each client brings or uses (n,)."""
    if what == "kwh":
        return fleet.energy_kwh
    values = fleet.attributes.get(what)
    if not isinstance(values, np.ndarray):
        raise limit.error(f"the clients have no column {what}")
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        i = int(wrong.argmax())
        raise limit.error(
            f"expected {what} of zero or more for each client, got {values[i]:g} of client "
            f"{fleet.clients[i]!r}"
        )
    return values


def _stages(order: Sequence[str]) -> tuple[Stage, ...]:
    known = [stage.value for stage in Stage]
    for name in order:
        if name not in known or list(order).count(name) > 1:
            raise InputError(
                f"order: expected {', '.join(known)}, each once at most, got {name!r}; for example "
                'order = ["caps", "seats"]',
                field="order",
            )
    return (*(Stage(name) for name in order), *(s for s in Stage if s.value not in order))
