"""Who is there in a replay, and whose work is lost."""

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray
from lowcarb.errors import InputError
from lowcarb.fleet.availability import Availability
from lowcarb.fleet.fleet import Fleet


class DisruptionsAt(Protocol):
    """Says what disturbs the rounds of a replay."""

    def at(self, fleet: Fleet, starts: FloatArray) -> "Disruptions":
        """Return the disruptions of rounds that start then, in seconds since 1970 (t,)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Disruptions:
    """Who is there, and who drops out.

    Parameters
    ----------
    online
        Shape (n, t): who can work in each round; None if all can, always.
    announced
        Whether policies know of absences beforehand, as from a file; otherwise they expect those
        who are away to be back in the next round.
    drops
        Shape (n, t): whose work would be lost; it is charged, but no turn is credited.
    """

    online: BoolArray | None = None
    announced: bool = False
    drops: BoolArray | None = None

    def require_shape(self, clients: int, rounds: int) -> None:
        """Refuse what is of another shape than (clients, rounds).

        Raises
        ------
        InputError
            Names what is wrong.
        """
        for name in ("online", "drops"):
            value = getattr(self, name)
            if value is not None and value.shape != (clients, rounds):
                raise InputError(
                    f"{name}: expected shape ({clients}, {rounds}), got {value.shape}", field=name
                )

    def at(self, fleet: Fleet, starts: FloatArray) -> "Disruptions":  # noqa: ARG002
        """Return self: these are by round, whenever the rounds start."""
        return self

    @property
    def surprises(self) -> bool:
        """Whether anything happens that policies cannot know beforehand."""
        return self.drops is not None or not (self.online is None or self.announced)


@dataclass(frozen=True, kw_only=True, eq=False)
class TimedDisruptions:
    """Disruptions by time, as from files.

    Parameters
    ----------
    availability
        When clients are online, as policies know beforehand.
    outages
        When work is lost, as nobody but the oracle knows beforehand.
    otherwise
        What holds where one of the two is None.
    """

    availability: Availability | None = None
    outages: Availability | None = None
    otherwise: Disruptions = field(default_factory=Disruptions)

    def at(self, fleet: Fleet, starts: FloatArray) -> Disruptions:
        """Return the disruptions of rounds that start then, in seconds since 1970 (t,)."""
        found = self.otherwise
        if self.availability is not None:
            online = self.availability.matrix(fleet, starts)
            found = replace(found, online=online, announced=True)
        if self.outages is not None:
            found = replace(found, drops=self.outages.lost(fleet, starts))
        return found


def draw_disruptions(
    clients: int, rounds: int, *, seed: int, dropout: float = 0.0, absence: float = 0.0
) -> Disruptions:
    """Draw dropouts and absences, independently for each client and round.

    Parameters
    ----------
    clients, rounds
        How many.
    seed
        Decides who is hit when.
    dropout, absence
        Probabilities, 0 to 1.
    """
    for name, rate in (("dropout", dropout), ("absence", absence)):
        if not 0 <= rate <= 1:
            raise InputError(f"{name}: expected 0 to 1, got {rate}", field=name)
    rng = np.random.default_rng([seed, clients, rounds])
    away, lost = rng.random((2, clients, rounds))
    return Disruptions(
        online=None if not absence else away >= absence,
        drops=None if not dropout else lost < dropout,
    )
