"""Who is who, who is here, and whom to trust with a turn.

A client that is offline now is assumed to be back in the next round; one that has been away for
`ROUNDS_UNTIL_LEFT` rounds has left, until it comes back. After f failures in a row a client rests
for 2^f rounds, or a dead one would be chosen for ever.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import numpy as np

from lowcarb.account import BookedRound, Member, Outcome
from lowcarb.energy import LEARNT_FROM, learn
from lowcarb.fleet import LONGEST_MIN, SHORTEST_S, UNSET, Fleet, number_names
from lowcarb.flower.facts import Facts
from lowcarb.outlook import UNKNOWN
from lowcarb.reserve import chance_lost
from lowcarb.units import SECONDS_PER_MINUTE
from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray

logger = logging.getLogger("flwr.lowcarb")

ROUNDS_UNTIL_LEFT = 3
MOST_REST = 64
"""Rounds of rest, at most; a client that is back deserves another try."""
_PERHAPS_CHANCE = 2

DEFAULT_KWH = 0.1
"""Energy of a round where nobody gave or measured any: the same for all, so it ranks nobody."""
DEFAULT_S = 60.0
"""Length of a round where nobody gave or measured any."""

# Names that a line of the log lists.
_LISTED = 8


@dataclass
class Known:
    """A client and its standing in this training.

    Parameters
    ----------
    member
        What the account says of it.
    node
        Flower's number of the node it runs on; None while it is offline.
    absent
        Rounds in a row that it has been offline for.
    failures
        Failed or silent turns in a row.
    resting
        It is not asked before this round.
    turns
        Credited ones.
    energies, durations
        The last measurements, kWh and seconds.
    """

    member: Member
    node: int | None = None
    absent: int = 0
    failures: int = 0
    resting: int = 0
    turns: int = 0
    energies: list[float] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)

    @property
    def energy_kwh(self) -> float | None:
        """Energy expected of its next round; None if nothing is known."""
        return learn(self.member.energy_kwh, self.energies)

    @property
    def duration_s(self) -> float | None:
        """Length expected of its next round; None if nothing is known."""
        return learn(self.member.duration_s, self.durations)

    @property
    def owed(self) -> int:
        """Turns that it still lacks."""
        return max(0, self.member.min_rounds - self.turns)


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """The clients of one round, as the planner wants them.

    Parameters
    ----------
    clients
        n of them, in the order of the arrays.
    fleet
        Their regions, expected energies and durations, and bounds.
    turns
        Shape (n,): credited so far.
    here
        Shape (n,): online now.
    resting
        Shape (n,): rounds, from this one on, in which it is not asked.
    lost
        Chance that a planned turn comes to nothing, as far as the rounds so far tell.
    """

    clients: tuple[Known, ...]
    fleet: Fleet
    turns: IntArray
    here: BoolArray
    resting: IntArray
    lost: float

    @property
    def able(self) -> BoolArray:
        """Who can be asked now (n,)."""
        able: BoolArray = self.here & (self.resting == 0)
        return able

    def matrix(self, fleet: Fleet, starts: FloatArray) -> BoolArray:
        """Whether each client can work in each round (n, t): `Availability`, as far as known."""
        online = np.ones((len(fleet), len(starts)), dtype=np.bool_)
        for j in range(min(len(starts), MOST_REST)):
            online[:, j] = self.resting <= j
        online[:, 0] &= self.here
        return online


class Roster:
    """All clients of a training.

    Parameters
    ----------
    bounds
        Gives a client that joins its floor and cap: called with its number in the training's
        rounds and the number of clients there are then.
    rounds
        Of the whole training.
    fleet
        Figures that override what clients say of themselves, by client name.
    members
        Clients of a training that goes on.
    """

    def __init__(
        self,
        bounds: Callable[[int, int], tuple[int, int]],
        rounds: int,
        fleet: Fleet | None = None,
        members: Iterable[Member] = (),
    ) -> None:
        self._bounds = bounds
        self._rounds = rounds
        self._fleet = fleet
        self._names: dict[int, str] = {}
        self._present: set[int] = set()
        self._unheard = False
        # Turns that were asked for, and those that came to nothing; clients that were expected in
        # all rounds, and those that were away.
        self._asked = self._lost = self._expected = self._away = 0
        self.known = {member.name: Known(member=member) for member in members}

    @property
    def members(self) -> list[Member]:
        """Everyone, in the order in which they became known."""
        return [client.member for client in self.known.values()]

    def at_nodes(self, by_node: Mapping[int, Any]) -> list[tuple[Known, Any]]:
        """Pair what is known by node with the clients on these nodes."""
        return [
            (client, by_node[client.node])
            for client in self.known.values()
            if client.node is not None and client.node in by_node
        ]

    def strangers(self, online: Iterable[int]) -> list[int]:
        """Nodes that have not said who they are, or were away since: they may have moved."""
        return [n for n in online if n not in self._names or n not in self._present]

    def meet(self, online: Iterable[int], facts: Mapping[int, Facts], number: int) -> None:
        """Take note of who is online before a round, and of what newcomers say.

        Parameters
        ----------
        online
            Nodes; those that are neither known nor in `facts` cannot be asked yet.
        facts
            Of nodes that were strangers.
        number
            Of the round that is about to start.
        """
        self._present = present = set(online)
        # A client that cannot answer now is still the one that it was.
        facts = {n: said for n, said in facts.items() if said.told or n not in self._names}
        for node in sorted(facts):
            self._names.pop(node, None)
            self._names[node] = facts[node].name
        by_name: dict[str, int] = {}
        # In the order in which they introduced themselves: among several nodes of one name the last
        # one counts, it is the client that came back.
        for node in (node for node in self._names if node in present):
            name = self._names[node]
            if name in by_name and node in facts:
                logger.warning(
                    "lowcarb: nodes %d and %d both call themselves %r; only the second is used",
                    by_name[name],
                    node,
                    name,
                )
            by_name[name] = node
        self._enrol(by_name, facts, number)
        self._say_who_is_nowhere({said.name for said in facts.values()})
        for name, client in self.known.items():
            client.node = by_name.get(name)
            self._expected += client.absent < ROUNDS_UNTIL_LEFT
            client.absent = 0 if client.node is not None else client.absent + 1
            self._away += 0 < client.absent <= ROUNDS_UNTIL_LEFT
            if client.absent == ROUNDS_UNTIL_LEFT:
                logger.warning(
                    "lowcarb: client %r has been away for %d rounds and counts as having left",
                    name,
                    ROUNDS_UNTIL_LEFT,
                )

    def _enrol(self, by_name: Mapping[str, int], facts: Mapping[int, Facts], number: int) -> None:
        new = [name for name in by_name if name not in self.known]
        if self._fleet is not None and not self.known:
            new += [name for name in self._fleet.clients if name not in by_name]
        present = sum(client.absent < ROUNDS_UNTIL_LEFT for client in self.known.values())
        # By name: every simulation draws node ids anew, and the order decides between equals.
        for name in sorted(new):
            said = facts.get(by_name.get(name, -1), Facts(name=name))
            floor, cap = self._bounds(number, present + len(new))
            member = Member(
                name=name,
                region=said.region,
                energy_kwh=said.energy_kwh,
                duration_s=said.duration_s,
                min_rounds=floor,
                max_rounds=cap,
                joined=number,
            )
            self.known[name] = Known(member=self._overridden(member))
        for node, said in facts.items():
            client = self.known.get(said.name)
            if client is not None and said.name not in new and by_name.get(said.name) == node:
                client.member = self._overridden(
                    replace(
                        client.member,
                        region=said.region or client.member.region,
                        energy_kwh=_first(said.energy_kwh, client.member.energy_kwh),
                        duration_s=_first(said.duration_s, client.member.duration_s),
                    )
                )

    def _say_who_is_nowhere(self, names: Collection[str]) -> None:
        nowhere = [
            name
            for name, client in self.known.items()
            if name in names and client.member.region is None
        ]
        if nowhere:
            logger.warning(
                "lowcarb: of %d clients it is not known where they are (%s%s): add "
                "lowcarb.client_mod to their ClientApp and a region to their node config, or give "
                "a fleet",
                len(nowhere),
                ", ".join(nowhere[:_LISTED]),
                ", ..." if len(nowhere) > _LISTED else "",
            )

    def bound_again(self) -> None:
        """Give everyone the floor and cap that the rounds there are now would have meant."""
        joined = [client.member.joined for client in self.known.values()]
        for client in self.known.values():
            number = client.member.joined
            floor, cap = self._bounds(number, sum(other <= number for other in joined))
            bound = replace(client.member, min_rounds=floor, max_rounds=cap)
            client.member = self._overridden(bound)

    def _overridden(self, member: Member) -> Member:
        """Let the figures of the given fleet come first."""
        if self._fleet is None or member.name not in self._fleet.position:
            return member
        i = self._fleet.position[member.name]
        client = self._fleet[i]
        own_floor, own_cap = int(self._fleet.min_rounds[i]), int(self._fleet.max_rounds[i])
        floor = member.min_rounds if own_floor == UNSET else own_floor
        cap = member.max_rounds if own_cap == UNSET else own_cap
        return replace(
            member,
            region=client.region,
            energy_kwh=client.energy_kwh,
            duration_s=client.duration.total_seconds(),
            min_rounds=floor if own_floor != UNSET else min(floor, cap),
            max_rounds=cap if own_cap != UNSET else max(floor, cap),
        )

    def record(self, booked: BookedRound) -> None:
        """Take note of how a round went.

        Where everyone failed it was no client's fault; where that happens in the next round as
        well, it was, or a cohort of dead clients would be chosen for ever.
        """
        if not booked.turns:
            return
        heard = any(turn.outcome in (Outcome.TRAINED, Outcome.DROPPED) for turn in booked.turns)
        blame = heard or self._unheard
        self._unheard = not heard
        for turn in booked.turns:
            client = self.known[turn.client]
            client.turns += turn.counts
            self._asked += 1
            self._lost += not turn.counts
            if turn.outcome in (Outcome.TRAINED, Outcome.DROPPED):
                client.failures = 0
            elif blame:
                client.failures += 1
                client.resting = booked.number + 1 + self._rest(client, booked.number)
            if turn.measured is not None:
                client.energies = [*client.energies, turn.energy_kwh][-LEARNT_FROM:]
            if turn.seconds is not None:
                client.durations = [*client.durations, turn.seconds][-LEARNT_FROM:]

    def _rest(self, client: Known, number: int) -> int:
        """Rounds for which a client rests that failed in a round.

        A failure or two may be chance: it must not rest until it cannot repay what it owes, with
        one round to spare.
        """
        rest = min(1 << client.failures, MOST_REST)
        if client.failures > _PERHAPS_CHANCE:
            return rest
        return max(0, min(rest, self._rounds - number - client.owed - 1))

    def standing(self, number: int) -> Standing | None:
        """List the clients that a round is planned for, all but those that have left, if any."""
        clients = [c for c in self.known.values() if c.absent < ROUNDS_UNTIL_LEFT]
        if not clients:
            return None
        energies = [client.energy_kwh for client in clients]
        durations = [client.duration_s for client in clients]
        typical_kwh = _typical(energies, DEFAULT_KWH)
        typical_s = _typical(durations, DEFAULT_S)
        regions, region = number_names([c.member.region or UNKNOWN for c in clients])
        fleet = Fleet(
            clients=[client.member.name for client in clients],
            regions=regions,
            region=region,
            energy_kwh=np.array([typical_kwh if e is None else e for e in energies]),
            duration_s=np.clip(
                [typical_s if d is None else d for d in durations],
                SHORTEST_S,
                LONGEST_MIN * SECONDS_PER_MINUTE,
            ),
            min_rounds=np.array([c.member.min_rounds for c in clients], dtype=np.int64),
            max_rounds=np.array([c.member.max_rounds for c in clients], dtype=np.int64),
        )
        return Standing(
            clients=tuple(clients),
            fleet=fleet,
            turns=np.array([client.turns for client in clients], dtype=np.int64),
            here=np.array([client.node is not None for client in clients], dtype=np.bool_),
            resting=np.array([max(0, c.resting - number) for c in clients], dtype=np.int64),
            lost=chance_lost(
                lost=self._lost, asked=self._asked, away=self._away / max(1, self._expected)
            ),
        )


def _first(new: float | None, old: float | None) -> float | None:
    return old if new is None else new


def _typical(values: list[float | None], default: float) -> float:
    known = [value for value in values if value is not None]
    return median(known) if known else default
