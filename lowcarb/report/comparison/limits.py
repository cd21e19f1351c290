"""Who kept which limits in a comparison, in rows and sentences: for the terminal and the page."""

from lowcarb._util.text import listed, rounded
from lowcarb.replay import Comparison

TITLE = "Limits, by what came true"
ABOUT = (
    "Of each training: the bounds that were kept, turns without the rest asked for, and the limit "
    "broken in most rounds."
)


def limit_rows(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    """Each policy, the share of bounds it kept, its turns without rest, and what it broke most."""
    return [
        (
            name,
            "100%" if one.kept == 1 else f"{min(one.kept, 0.999):.1%}",
            rounded(one.without_rest),
            "-" if one.worst is None else f"{one.worst} ({rounded(one.broken[one.worst])})",
        )
        for name, one in comparison.broken_limits.items()
    ]


def about_limits(comparison: Comparison) -> list[str]:
    """Say what was asked, and of whom; nothing where there are no limits."""
    asked = comparison.planner.limits
    if asked is None:
        return []
    found = [
        f"Limits: {listed(asked.texts)}. Plans (ilp, oracle) keep them as far as can be, by what "
        "they know; the other policies do not know them, and what they save by breaking limits is "
        "no saving under them.",
    ]
    if asked.sites is not None and asked.sites.excess is not None:
        found.append(
            "Excess energy of sites is used first, whoever chooses; in random's expectation it is "
            "a mean of drawn cohorts."
        )
    return found
