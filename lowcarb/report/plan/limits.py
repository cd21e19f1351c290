"""What a plan has of its limits, in rows and sentences: for the terminal and for the page."""

from collections.abc import Sequence

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import count, grams, rounded
from lowcarb.planning.limit_words import amount, no_price_said, one_unit
from lowcarb.planning.limits_kept import LimitRow, LimitsKept
from lowcarb.planning.plan import Plan
from lowcarb_solvers import RulePrice

TITLE, SITES_TITLE = "Limits", "Excess energy of sites"
ABOUT_PRICES = (
    "A price is what the plan would emit less with the limit that much looser, by planning again."
)
ABOUT_OTHERS = "The other ways to choose do not know the limits."
# Rows that a terminal shows.
_SHOWN = 12
# Limits without a price of which it is said why.
_EXPLAINED = 3


def limit_rows(kept: LimitsKept) -> list[tuple[str, str, str, str]]:
    """Each limit, what the plan comes to, whether it is kept, and its price; broken ones first."""
    rows = sorted(kept.rows, key=lambda row: not row.broken.any())
    found = [
        (row.rule.name, _comes_to(row), _kept(row), _prices(kept.prices, row.rule.name))
        for row in rows
    ]
    if kept.rest is not None:
        found.append((f"rest >= {kept.rest}", "-", "yes", _prices(kept.prices, "rest")))
    return found


def site_rows(kept: LimitsKept) -> list[tuple[str, str, str, str]]:
    """Each site, how much excess energy there is, how much is used, and what that saves."""
    return [
        (site.site, _kwh(site.supply_kwh), _kwh(site.used_kwh), grams(site.saved_g))
        for site in kept.sites
    ]


def shown(rows: Sequence[tuple[str, str, str, str]]) -> tuple[list[tuple[str, str, str, str]], str]:
    """Cut rows for a terminal, and say what is left out; blank if nothing is."""
    more = len(rows) - _SHOWN
    left = "" if more <= 0 else f"... and {count(more, 'more row')}: see --report FILE or --json"
    return list(rows[:_SHOWN]), left


def what_limits_cost(plan: Plan) -> list[str]:
    """Say what limits cost, and excess energy saves; nothing where there are no limits."""
    kept = plan.limits
    if kept is None:
        return []
    said = [_cost(plan, kept)]
    if kept.sites:
        used = sum(float(site.used_kwh.sum()) for site in kept.sites)
        there = sum(float(site.supply_kwh.sum()) for site in kept.sites)
        saved = sum(site.saved_g for site in kept.sites)
        said.append(
            f"{rounded(used)} of {rounded(there)} kWh of excess energy are used, which saves "
            f"{grams(saved)}; whoever chooses, it is used before the grid's."
        )
    return said


def about_prices(kept: LimitsKept) -> list[str]:
    """Say what prices are, and why some limits have none; nothing where nobody asked."""
    if kept.prices is None:
        return []
    none = [said for one in kept.prices if (said := no_price_said(one)) is not None]
    more = len(none) - _EXPLAINED
    left = [] if more <= 0 else [f"... and {count(more, 'more limit')} without a price: see --json"]
    return [ABOUT_PRICES, *(f"{said[0].upper()}{said[1:]}." for said in none[:_EXPLAINED]), *left]


def _cost(plan: Plan, kept: LimitsKept) -> str:
    free = kept.free_g
    if free is None or plan.not_met or kept.free.shortfalls:
        return "What the limits cost is unknown: not all of the plans keep all that is asked."
    if plan.paid is not None and not plan.paid.free_known:
        return "What the limits cost is unknown: the best plan by carbon alone is not known."
    # What is paid for value is no cost of limits.
    more = plan.planned_g - (0.0 if plan.paid is None else plan.paid.grams) - free
    alone = "" if plan.paid is None else "by carbon alone "
    if abs(more) <= 1e-9 * max(free, 1.0):
        return f"The limits cost nothing here: the plan {alone}without them emits as much."
    side = "less" if more > 0 else "more"
    within = "" if plan.paid is None else " than within them"
    cost = grams(abs(more), plan.planned_g)
    return f"Without limits the plan would {alone}emit {cost} {side}{within}."


def _comes_to(row: LimitRow) -> str:
    low, high = float(row.amounts.min()), float(row.amounts.max())
    unit = row.rule.unit
    least, most = amount(low, unit), amount(high, unit)
    if least == most:
        return most
    if unit == "g":
        return f"{grams(low, high).rpartition(' ')[0]} to {most}"
    return f"{rounded(low, 6)} to {most}"


def _kept(row: LimitRow) -> str:
    broken = int(np.count_nonzero(row.broken))
    if not broken:
        return "yes"
    return "NO" if row.rule.whole else f"NO, {len(row.broken) - broken} of {len(row.broken)}"


def _prices(prices: tuple[RulePrice, ...] | None, name: str) -> str:
    if prices is None:
        return ""
    return ", ".join(_price(one) for one in prices if one.rule == name) or "-"


def _price(price: RulePrice) -> str:
    if price.no_price in ("out of reach", "not kept"):
        return price.no_price
    if price.saved is None or not np.isfinite(price.off_by):
        return "?"
    # Plans are only known to be so near to their optimum.
    about = f" +-{grams(price.off_by)}" if price.off_by > max(0.05, 0.01 * abs(price.saved)) else ""
    return f"{grams(max(0.0, price.saved))}{about} / {one_unit(price)}"


def _kwh(values: FloatArray) -> str:
    return f"{rounded(float(values.sum()))} kWh"
