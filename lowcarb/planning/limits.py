"""What limits mean for a fleet: group sizes, columns, energy, grams, budgets, rest.

``region``, ``group`` and ``attr:NAME`` count the clients of each of their values in each round,
``region=NAME`` those of one, with a number or a share of the cohort such as ``40%``; ``samples``,
``value``, ``kwh``, ``g`` and ``kg`` are added up, over all clients or over a group, as in ``kwh
region=NAME <= 2``. With ``in all`` the number is of the whole horizon: a budget, or turns of a
group, also as a share of all turns. ``rest >= 2``: two rounds after each turn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.text import listed
from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.fairness import MOST_ROUNDS
from lowcarb.planning.fleet_groups import columns_of_names, groups_of
from lowcarb.planning.limit_text import EXAMPLES, SUMMED, LimitText
from lowcarb.units import GRAMS_PER_KILOGRAM
from lowcarb_solvers import Limits, Rule, Stage

REST = "rest"
COSTS = {"g": 1.0, "kg": GRAMS_PER_KILOGRAM}
"""What grams may be called, and how many grams that is."""
# What people write who leave out the unit, and with it.
_UNITLESS = {
    **dict.fromkeys(("energy", "power", "electricity"), "kwh"),
    **dict.fromkeys(("carbon", "co2", "co2eq", "emissions", "budget", "grams"), "kg"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Past:
    """What of limits over the whole horizon is done, and who has just worked.

    Parameters
    ----------
    done
        By the name of a rule, what turns that are over count.
    rested
        Shape (n,): rounds that each client has rested; None where all have rested enough.
    """

    done: Mapping[str, float]
    rested: IntArray | None = None


NOTHING = Past(done={})
"""Of a training that has not begun."""


def limits_of(
    limits: Iterable[LimitText],
    fleet: Fleet,
    *,
    rounds: int,
    order: Sequence[str] = (),
    known: bool = True,
) -> Limits:
    """Turn limits into rules for a fleet.

    Parameters
    ----------
    limits
        As people wrote them.
    fleet
        Whose columns they speak of.
    rounds
        How many rounds are planned.
    order
        Names of stages, in the order in which shortfalls are avoided; others follow as usual.
    known
        Whether the fleet has everyone who may take part: then a name that nobody has is a mistake.

    Raises
    ------
    InputError
        If a limit speaks of what the fleet does not have, or contradicts another one; it quotes the
        text and shows a right one.
    """
    rules: dict[str, tuple[Rule, LimitText]] = {}
    bounds: dict[str, list[tuple[Rule, LimitText]]] = {}
    rest: IntArray | None = None
    resting: LimitText | None = None
    for limit in limits:
        if limit.what == REST:
            if resting is not None:
                raise _two_rests(resting, limit)
            resting, rest = limit, np.full(len(fleet), _rest_of(limit), dtype=np.int64)
            continue
        for subject, rule in _rules(limit, fleet, rounds, known=known):
            if rule.name in rules:
                also = _also(rules[rule.name][1], limit)
                raise limit.error(
                    f"expected each limit once, got {rule.name!r} twice{also}; leave out one"
                )
            rules[rule.name] = rule, limit
            for other, written in bounds.setdefault(subject, []):
                _refuse_crossed(rule, limit, other, written)
            bounds[subject].append((rule, limit))
    return Limits(
        rules=tuple(rule for rule, _ in rules.values()), rest=rest, stages=stages_of(order)
    )


def after(limits: Limits, past: Past) -> Limits:
    """Take from limits over the whole horizon what is done, and let those rest who just worked."""
    return replace(
        limits,
        rules=tuple(_left(rule, past.done.get(rule.name, 0.0)) for rule in limits.rules),
        rested=None if limits.rest is None else past.rested,
    )


def _left(rule: Rule, done: float) -> Rule:
    if not rule.whole or not done:
        return rule
    at_most = np.maximum(0.0, rule.at_most - done)
    return replace(rule, at_least=np.minimum(rule.at_least - done, at_most), at_most=at_most)


def _refuse_crossed(rule: Rule, limit: LimitText, other: Rule, written: LimitText) -> None:
    low, high = max(rule.at_least[0], other.at_least[0]), min(rule.at_most[0], other.at_most[0])
    if low > high:
        number = written.number * COSTS.get(written.what or "", 1.0)
        number /= COSTS.get(limit.what or "", 1.0)
        raise limit.error(
            f"contradicts {written.text!r}; leave out one of them, or bring them together, for "
            f'example "{rule.name.partition(limit.sign)[0]}{limit.sign} {number:.15g}'
            f'{" in all" * limit.in_all}"'
        )


def _also(one: LimitText, other: LimitText) -> str:
    """Say where a limit stands already."""
    if one.file is not None:
        return f", also in {one.file}"
    return "" if one.shown == other.shown else f", as {one.shown} and {other.shown}"


def _two_rests(one: LimitText, other: LimitText) -> InputError:
    shorter, longer = sorted((one, other), key=_rest_of)
    way_out = f"leave out {shorter.shown}: who keeps {longer.shown} keeps it as well"
    if _rest_of(one) == _rest_of(other):
        way_out = "leave out one of them"
    return other.error(f"expected one rest, got two, {one.shown} and {other.shown}; {way_out}")


def _rest_of(limit: LimitText) -> int:
    whole = limit.number == int(limit.number) and limit.number <= MOST_ROUNDS
    if limit.sign != ">=" or limit.in_all or not whole:
        raise limit.error(
            f'expected whole rounds after each turn, up to {MOST_ROUNDS}, for example "rest >= 1"'
        )
    return int(limit.number)


def _rules(limit: LimitText, fleet: Fleet, rounds: int, *, known: bool) -> list[tuple[str, Rule]]:
    """Rules of one limit, with what each bounds: of a column of names one for each name."""
    if limit.group is not None:
        column, name = limit.group
        members = _members(limit, fleet, column, known=known)
        if name not in members and known:
            others = listed(list(members))
            raise limit.error(f"no client has {column}={name}; known are {others}")
        nobody = np.zeros(len(fleet), dtype=np.bool_)
        groups = {f"{column}={name}": members.get(name, nobody)}
        return _each(limit, fleet, rounds, limit.what, groups)
    assert limit.what is not None  # noqa: S101 - what is counted, if not a group
    if limit.what in SUMMED:
        return _each(limit, fleet, rounds, limit.what, {None: None})
    members = _members(limit, fleet, limit.what, known=known)
    groups = {f"{limit.what}={name}": who for name, who in members.items()}
    return _each(limit, fleet, rounds, None, groups)


def _each(
    limit: LimitText,
    fleet: Fleet,
    rounds: int,
    what: str | None,
    groups: Mapping[str, BoolArray] | Mapping[None, None],
) -> list[tuple[str, Rule]]:
    found = []
    for group, clients in groups.items():
        summed = "g" if what in COSTS else what
        subject = f"{summed} {group} {limit.in_all}"
        found.append((subject, _rule(limit, fleet, rounds, what, group, clients)))
    return found


def _members(limit: LimitText, fleet: Fleet, column: str, *, known: bool) -> dict[str, BoolArray]:
    names = columns_of_names(fleet)
    if column in names:
        members = groups_of(fleet, column)
        if not members and known:
            raise limit.error(
                f"no client has a {column}: it is blank for all of them; fill in that column of "
                "the clients, or leave out the limit"
            )
        return members
    unit = _UNITLESS.get(column.casefold())
    if unit is not None:
        raise limit.error(
            f"expected a unit, {' or '.join(('kwh',) if unit == 'kwh' else ('kg', 'g'))}, got "
            f'{column!r}; for example "{unit} {limit.sign} {limit.number:.15g}"'
        )
    columns = [*names, *SUMMED, REST]
    raise limit.error(
        f"expected a column of names, or what is added up, got {column!r}; known are "
        f"{listed(columns, len(columns))}; for example {EXAMPLES}"
    )


def _rule(
    limit: LimitText,
    fleet: Fleet,
    rounds: int,
    what: str | None,
    group: str | None,
    clients: BoolArray | None,
) -> Rule:
    """Make a rule of what is added up, or of clients counted, over a group or all."""
    bound = limit.number * COSTS.get(what or "", 1.0)
    if not np.isfinite(bound):
        raise limit.error(f"expected a smaller number; for example {EXAMPLES}")
    if what is None and bound != int(bound):
        raise limit.error(
            f"expected a whole number of clients, got {limit.number:g}; for example "
            f'"{group} {limit.sign} {int(bound) + 1}"'
        )
    units = {"kwh": "kWh", "g": "g", "kg": "g", None: "turns" if limit.in_all else "clients"}
    size = 1 if limit.in_all else rounds
    return Rule(
        name=" ".join(part for part in (what, group, limit.bound) if part),
        unit=units.get(what, what or ""),
        clients=clients,
        amount=None if what is None or what in COSTS else _amount(limit, fleet, what),
        costs=what in COSTS,
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
        raise limit.error(
            f"the clients have no column {what}; add it to their file, or leave out the limit, for "
            f"example {EXAMPLES}"
        )
    blank = np.isnan(values)
    if blank.any():
        i = int(blank.argmax())
        raise fleet.error(
            f"{what} of client {fleet.clients[i]!r} is blank, and limit {limit.text!r} adds it up; "
            "give a number, 0 for nothing",
            i,
            what,
        )
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        i = int(wrong.argmax())
        raise limit.error(
            f"expected {what} of zero or more for each client, got {values[i]:g} of client "
            f"{fleet.clients[i]!r}"
        )
    return values


def stages_of(order: Sequence[str], file: str | None = None) -> tuple[Stage, ...]:
    """Put all stages in order, those that are named first.

    Raises
    ------
    InputError
        If a name is none, or stands there twice.
    """
    known = [stage.value for stage in Stage]
    for name in order:
        if name not in known or list(order).count(name) > 1:
            raise InputError(
                f"order: expected {', '.join(known)}, each once at most, got {name!r}; for example "
                'order = ["caps", "seats"]',
                file=file,
                field="order",
            )
    return (*(Stage(name) for name in order), *(s for s in Stage if s.value not in order))
