"""Declared against measured energies, and what they say of clients that were not measured yet."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from lowcarb._util.text import count, rounded
from lowcarb.training.decision import Asked
from lowcarb.training.turns import Reply

logger = logging.getLogger(__name__)

FAR = 3.0
"""So many times more or less than declared, a measured energy is said."""
# A single measurement may be an outlier.
_ENOUGH = 2


def measured_over_declared(
    declared: Sequence[float | None], measured: Sequence[Sequence[float]]
) -> float:
    """How many times the figures declared those measured are: the median over the clients.

    Each client that was measured counts once, by the median of its measurements. 1 where there are
    no measurements, or but one.

    Parameters
    ----------
    declared, measured
        Of n clients: the figure that each declared, None or 0 if it is to have no say, and its
        measurements in the same unit.
    """
    both = [(given, found) for given, found in zip(declared, measured, strict=True) if given]
    if sum(len(found) for _, found in both) < _ENOUGH:
        return 1.0
    return median(median(found) / given for given, found in both if found)


@dataclass
class Differences:
    """Says whose measured energy is far from the declared one, each client once."""

    _said: set[str] = field(default_factory=set, init=False)

    def say(self, asked: Sequence[Asked], replies: Mapping[int, Reply]) -> None:
        """Look at a round's measurements.

        Parameters
        ----------
        asked
            The cohort.
        replies
            What came back, by node.
        """
        found = []
        for member, node in ((one.client.member, one.client.node) for one in asked):
            reply = replies.get(node or 0)
            if reply is None or reply.energy_kwh is None or reply.measured is None:
                continue
            declared, measured = member.energy_kwh, reply.energy_kwh
            if not declared or not measured or member.name in self._said:
                continue
            if not declared / FAR <= measured <= declared * FAR:
                self._said.add(member.name)
                found.append(
                    f"{member.name} {rounded(measured)} kWh (declared {rounded(declared)})"
                )
        if found:
            logger.warning(
                "lowcarb: %s measured an energy more than %g times away from the declared one: %s. "
                "What is measured counts, and clients not measured yet are expected to differ as "
                "much; put power-w and duration-min right in the node config, or the fleet",
                count(len(found), "client"),
                FAR,
                ", ".join(found),
            )
