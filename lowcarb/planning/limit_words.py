"""Sentences about limits: amounts, shortfalls and contradictions, with rounds as people count."""

from collections.abc import Sequence

from lowcarb._util.text import counts, grams, named, rounded, spans
from lowcarb_solvers import Conflict, LimitShortfall, RulePrice, Shortfall


def amount(value: float, unit: str) -> str:
    """Write an amount of what a limit counts."""
    if unit == "g":
        return grams(value)
    text = rounded(value, 6)
    return f"{text} {unit.removesuffix('s') if text == '1' else unit}"


def shortfall_said(shortfall: LimitShortfall, first_round: int) -> str:
    """Say which limit is broken, where, by how much, and why."""
    j = shortfall.round
    where = "all rounds have" if j is None else f"round {first_round + j} has"
    much = amount(shortfall.short, shortfall.unit)
    return f"limit {shortfall.rule!r}: {where} {much} {_side(shortfall)}: {shortfall.why}"


def shortfalls_said(shortfalls: Sequence[LimitShortfall], first_round: int) -> list[str]:
    """Say it of many, of each side of a limit in one sentence, with the reason where it is worst.

    Parameters
    ----------
    shortfalls
        In any order.
    first_round
        Number of the first round in the training.
    """
    by_side: dict[tuple[str | None, bool], list[LimitShortfall]] = {}
    for one in shortfalls:
        by_side.setdefault((one.rule, one.above), []).append(one)
    return [_gathered(those, first_round) for those in by_side.values()]


def _gathered(those: Sequence[LimitShortfall], first_round: int) -> str:
    worst = max(those, key=lambda one: one.short)
    j = worst.round
    if len(those) == 1 or j is None:
        return shortfall_said(worst, first_round)
    rounds = spans([first_round + one.round for one in those if one.round is not None], "round")
    much = amount(worst.short, worst.unit)
    least = amount(min(one.short for one in those), worst.unit)
    if much == least and len({one.why for one in those}) == 1:
        where, how = f"{much} {_side(worst)} each", ""
    else:
        where, how = f"at most {much} {_side(worst)}", f"in round {first_round + j}, "
    return f"limit {worst.rule!r}: {rounds} have {where}: {how}{worst.why}"


def _side(shortfall: LimitShortfall) -> str:
    few, many = ("few", "many") if shortfall.unit in ("clients", "turns") else ("little", "much")
    return f"too {many if shortfall.above else few}"


def seats_said(shortfalls: Sequence[Shortfall], first_round: int) -> list[str]:
    """Say which rounds lack seats, those of one reason in one sentence.

    Parameters
    ----------
    shortfalls
        Of rounds.
    first_round
        Number of the first round in the training.
    """
    by_reason: dict[str, list[Shortfall]] = {}
    for one in shortfalls:
        by_reason.setdefault(one.why, []).append(one)
    found = []
    for why, those in by_reason.items():
        rounds = [first_round + one.round for one in those if one.round is not None]
        short = sorted(one.short for one in those)
        seats, each = counts(short[0], short[-1], "seat"), ""
        if len(rounds) > 1 and short[0] == short[-1]:
            each = " each"
        verb = "is" if len(rounds) == 1 else "are"
        found.append(f"{spans(rounds, 'round')} {verb} {seats} short{each}: {why}")
    return found


def one_unit(price: RulePrice) -> str:
    """Name what a limit is loosened by."""
    return "kg" if price.unit == "g" and price.step > 1 else price.unit.removesuffix("s")


def no_price_said(price: RulePrice) -> str | None:
    """Say why a limit has no price; None where it has one."""
    looser = f"one {one_unit(price)} {'less' if price.side == 'at least' else 'more'}"
    missing = amount(price.less_missing, price.unit)
    what = "missing" if price.side == "at least" else "too much"
    if price.no_price == "out of reach":
        return (
            f"limit {price.rule!r} is out of reach and has no price: {looser} changes what is "
            f"{what} by {missing}, not the carbon"
        )
    if price.no_price == "not kept":
        return (
            f"limit {price.rule!r} is not kept and has no price: with {looser} it is missed by "
            f"{missing} less, so that emissions do not compare"
        )
    if price.no_price == "others":
        return (
            f"limit {price.rule!r} has no price: with {looser} less is missing of other things, so "
            "that emissions do not compare"
        )
    if price.no_price == "unknown":
        return (
            f"the price of limit {price.rule!r} is unknown: with {looser} no plan was found that "
            "is known to miss as little as can be"
        )
    return None


def conflict_said(conflict: Conflict, first_round: int) -> str:
    """Say which limits contradict each other, and where."""
    numbers = [first_round + j for j in conflict.rounds]
    where = f"in {named(numbers, 'round')}" if numbers else "over all rounds"
    names = [name if name == "seats" else repr(name) for name in conflict.rules]
    if len(names) == 1:
        return f"{names[0]} cannot be kept {where}: {conflict.why}"
    return f"{' and '.join(names)} contradict each other {where}: {conflict.why}"
