"""What policies are called and how they look, beside `lowcarb.planning.policies.POLICIES`.

A policy of one's own has its name for a label, and a look that no policy of the table has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle


@dataclass(frozen=True, kw_only=True)
class PolicyLook:
    """What a policy is called, and how its line and its marker look.

    Parameters
    ----------
    label
        In a comparison.
    beside_plan, in_demo
        In the text of a plan and of the demo, which say it in other words.
    colour, marker
        Names that `lowcarb.report.pictures.style` knows.
    dashes
        Lengths of strokes and blanks in line widths; empty for a solid line.
    width
        Of the line, in points.
    """

    label: str
    beside_plan: str = ""
    in_demo: str = ""
    colour: str
    marker: str
    dashes: tuple[float, ...] = ()
    width: float = 1.8


LOOKS = {
    "ilp": PolicyLook(
        label="ilp: Lowcarb's plan",
        beside_plan="lowcarb: this plan",
        in_demo="lowcarb: optimal",
        colour="blue",
        marker="circle",
        width=2.6,
    ),
    "regret": PolicyLook(
        label="regret: greedy, looks ahead",
        beside_plan="regret: greedy that looks ahead",
        in_demo="regret: looks ahead",
        colour="green",
        marker="square",
        dashes=(6, 1.5),
    ),
    "greedy": PolicyLook(
        label="greedy: floors kept",
        beside_plan="greedy: cheapest first, floors kept",
        in_demo="greedy: floors kept",
        colour="orange",
        marker="triangle up",
        dashes=(6, 1.5, 1, 1.5),
    ),
    "cheapest": PolicyLook(
        label="cheapest: no floors",
        beside_plan="cheapest: no floors, unfair",
        in_demo="cheapest: unfair",
        colour="sky",
        marker="cross",
        dashes=(1, 1),
        width=2.2,
    ),
    "random": PolicyLook(
        label="random: as Flower draws",
        beside_plan="random: expected",
        in_demo="random: expected",
        colour="grey",
        marker="triangle down",
        width=1.4,
    ),
    "round-robin": PolicyLook(
        label="round-robin: fewest turns",
        colour="purple",
        marker="triangle left",
        dashes=(1, 1.5),
    ),
    "lowcarb-2022": PolicyLook(
        label="lowcarb-2022: old heuristic",
        colour="vermilion",
        marker="plus",
        dashes=(3, 1.2),
    ),
    "least-turns": PolicyLook(
        label="least-turns: owed first",
        colour="olive",
        marker="triangle right",
        dashes=(2, 1, 1, 1),
    ),
    "oracle": PolicyLook(
        label="oracle: the limit", colour="black", marker="diamond", dashes=(4, 2), width=1.6
    ),
}
"""By the names of `POLICIES`, and the oracle."""

# For policies of one's own, in turn: as 5, 4 and 3 have no common factor, 60 of them all differ.
_COLOURS = ("indigo", "rose", "teal", "wine", "forest")
_MARKERS = ("star", "pentagon", "hexagon", "octagon")
_DASHES: tuple[tuple[float, ...], ...] = ((), (5, 1, 1, 1, 1, 1), (8, 2))


def policy_looks(names: Iterable[str]) -> dict[str, PolicyLook]:
    """Give each of some policies that are compared its look.

    Parameters
    ----------
    names
        Of the policies; the order decides on the looks of those that are not in `LOOKS`.
    """
    free = zip(cycle(_COLOURS), cycle(_MARKERS), cycle(_DASHES), strict=False)
    found = {}
    for name in names:
        look = LOOKS.get(name)
        if look is None:
            colour, marker, dashes = next(free)
            look = PolicyLook(label=name, colour=colour, marker=marker, dashes=dashes)
        found[name] = look
    return found
