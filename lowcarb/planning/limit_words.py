"""Sentences about limits: amounts, shortfalls and contradictions, with rounds as people count."""

from lowcarb._util.text import grams, named
from lowcarb_solvers import Conflict, LimitShortfall


def amount(value: float, unit: str) -> str:
    """Write an amount of what a limit counts."""
    if unit == "g":
        return grams(value)
    text = f"{value:,.6g}"
    return f"{text} {unit.removesuffix('s') if text == '1' else unit}"


def shortfall_said(shortfall: LimitShortfall, first_round: int) -> str:
    """Say which limit is broken, where, by how much, and why."""
    j = shortfall.round
    where = "all rounds have" if j is None else f"round {first_round + j} has"
    much = amount(shortfall.short, shortfall.unit)
    if not shortfall.above:
        side = "too few" if shortfall.unit in ("clients", "turns") else "too little"
    else:
        side = "too many" if shortfall.unit in ("clients", "turns") else "too much"
    return f"limit {shortfall.rule!r}: {where} {much} {side}: {shortfall.why}"


def conflict_said(conflict: Conflict, first_round: int) -> str:
    """Say which limits contradict each other, and where."""
    numbers = [first_round + j for j in conflict.rounds]
    where = f"in {named(numbers, 'round')}" if numbers else "over all rounds"
    names = [name if name == "seats" else repr(name) for name in conflict.rules]
    if len(names) == 1:
        return f"{names[0]} cannot be kept {where}: {conflict.why}"
    return f"{' and '.join(names)} contradict each other {where}: {conflict.why}"
