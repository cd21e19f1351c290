"""One round's decision, from what is known when it starts."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from lowcarb._util.arrays import BoolArray
from lowcarb._util.text import count, grams
from lowcarb._util.times import show
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.policies import Choice
from lowcarb.planning.round_prices import RoundPrices
from lowcarb.planning.wording import proof, solver_name
from lowcarb.providers.forecast_view import ForecastView
from lowcarb.training.client_state import ClientState
from lowcarb.training.noise import WITHIN

# Names that a line of the log lists.
_LISTED = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """A client that is to train.

    Parameters
    ----------
    client
        Who.
    planned_kwh, planned_s
        The energy and the length of its work that are expected.
    intensity
        Forecast mean over its workload, gCO2eq/kWh; None where nothing is known.
    """

    client: ClientState
    planned_kwh: float
    planned_s: float
    intensity: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """Among whom a random cohort would have been drawn.

    Parameters
    ----------
    fleet
        All n clients, as the round was planned with them.
    present
        Shape (n,): who could be asked.
    seats
        How many a random cohort has; a part of one where some of the cohort were left out.
    """

    fleet: Fleet
    present: BoolArray
    seats: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Decision:
    """Who trains in a round, and why.

    Parameters
    ----------
    number, start
        Of the round.
    asked
        The cohort, in the order in which messages and replies are kept.
    online
        How many clients are online, those that rest included.
    choice
        What the policy answered.
    seconds
        What deciding took.
    random_g
        Expected emissions of a random cohort of that size, gCO2eq; None where unknown.
    owed
        Turns that clients are still owed.
    view
        The intensities it was decided on.
    comparable
        Whether all floors can be met: otherwise turns that are not given would pass for a saving.
    rounded
        Whether it was chosen by energies in which noise makes no difference.
    notes
        What a person should know.
    drawn
        Among whom a random cohort would have been drawn.
    """

    number: int
    start: datetime
    asked: tuple[Asked, ...]
    online: int
    choice: Choice
    seconds: float
    random_g: float | None
    owed: int
    view: ForecastView
    comparable: bool = True
    rounded: bool = False
    notes: tuple[str, ...]
    drawn: Drawn | None = None

    @property
    def nodes(self) -> list[int]:
        """Flower's numbers of the cohort's nodes, in its order."""
        return [a.client.node for a in self.asked if a.client.node is not None]

    @property
    def clients(self) -> list[str]:
        """Names of the cohort, in its order."""
        return [a.client.member.name for a in self.asked]

    def only(self, nodes: Collection[int]) -> "Decision":
        """Leave out of the cohort who is on none of these nodes; a random cohort has as many."""
        asked = tuple(a for a in self.asked if a.client.node in nodes)
        random_g, drawn = self.random_g, self.drawn
        part = len(asked) / len(self.asked) if self.asked else 1.0
        if random_g is not None:
            random_g *= part
        if drawn is not None:
            drawn = replace(drawn, seats=part * drawn.seats)
        return replace(self, asked=asked, random_g=random_g, drawn=drawn)

    def without(self, nodes: Collection[int]) -> list[str]:
        """Name those of the cohort who are on none of these nodes."""
        return [a.client.member.name for a in self.asked if a.client.node not in nodes]

    @property
    def planned_g(self) -> float | None:
        """Planned emissions, gCO2eq; None if a region's intensity is unknown."""
        if any(asked.intensity is None for asked in self.asked):
            return None
        return sum(asked.planned_kwh * (asked.intensity or 0.0) for asked in self.asked)

    @property
    def prices(self) -> RoundPrices | None:
        """What its plan knows of the rounds after it; None if it has no prices."""
        return RoundPrices.of(self.choice, self.number)

    @property
    def status(self) -> str:
        """What is known about the choice; empty if it follows no plan."""
        return "" if self.choice.solution is None else str(self.choice.solution.status)

    def describe(self, rounds: int, within: str = "", why: str = "") -> str:
        """Say in one line who trains, what it costs, what it saves, and who answered.

        Parameters
        ----------
        rounds
            Of the training.
        within
            Within which bounds the planned grams lie; blank where unknown.
        why
            Why that is unknown.
        """
        names = self.clients
        listed = ", ".join(names[:_LISTED])
        if len(names) > _LISTED:
            listed += f" and {len(names) - _LISTED} more"
        parts = [
            f"round {self.number}/{rounds}, {show(self.start)} UTC: {listed or 'nobody'} "
            f"({len(names)} of {self.online} online)",
            self._grams(within, why),
            f"{self._answered_by()}, {self.seconds:.2f} s",
            f"{count(self.owed, 'turn')} owed" if self.owed else "no turns owed",
        ]
        parts += [self.view.summary] if self.view.summary else []
        return "; ".join([*parts, *self.notes])

    def _grams(self, within: str, why: str) -> str:
        planned = self.planned_g
        if planned is None:
            return "grams unknown"
        text = f"{grams(planned)} planned" + (f", {within}" if within else "")
        if self.random_g and not self.comparable:
            text += ", not comparable with random, for floors are missed"
        elif self.random_g:
            saved = 1 - planned / self.random_g
            text += f", {abs(saved):.0%} {'below' if saved >= 0 else 'above'} random"
        return f"{text}; no interval: {why}" if why else text

    def _answered_by(self) -> str:
        solution, by = self.choice.solution, solver_name(self.choice.by)
        if solution is None:
            return by
        noise = f" for energies to within {WITHIN}" if self.rounded else ""
        return f"{by}, {proof(solution, self.choice.paid, digits=1)}{noise}"
