"""All clients of a training: who is here, what they owe, and how they have done.

A client that is offline now is assumed to be back in the next round; one that has been away for
`ROUNDS_UNTIL_LEFT` rounds has left, until it comes back.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lowcarb._util.text import by_number
from lowcarb.fleet.fleet import Fleet
from lowcarb.ledger.entries import BookedRound, Member, Outcome, Turn
from lowcarb.planning.fairness import own_bounds_first
from lowcarb.planning.reserve import chance_lost
from lowcarb.training import trust
from lowcarb.training.candidates import DEFAULT_KWH, Candidates
from lowcarb.training.client_state import LEARNT_FROM, ClientState, Facts
from lowcarb.training.doubt import Doubts
from lowcarb.training.names import Names
from lowcarb.units import LEAST_ENERGY_KWH

logger = logging.getLogger(__name__)

ROUNDS_UNTIL_LEFT = 3
# Names that a line of the log lists.
_LISTED = 8


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
        self.doubts = Doubts(trusted=() if fleet is None else fleet.position)
        self._names = Names()
        # Turns that were asked for, and those that came to nothing; clients that were expected in
        # all rounds, and those that were away.
        self._asked = self._lost = self._expected = self._away = 0
        # Nodes that still work for an earlier round.
        self.busy: Collection[int] = frozenset()
        self.known = {member.name: ClientState(member=member) for member in members}

    @property
    def members(self) -> list[Member]:
        """Everyone, in the order in which they became known."""
        return [client.member for client in self.known.values()]

    def at_nodes(self, by_node: Mapping[int, Any]) -> list[tuple[ClientState, Any]]:
        """Pair what is known by node with the clients on these nodes."""
        return [
            (client, by_node[client.node])
            for client in self.known.values()
            if client.node is not None and client.node in by_node
        ]

    def remember(self, other: "Roster") -> None:
        """Know the nodes that another roster of the same training knew, and what they had said."""
        self._names.remember(other._names)

    def strangers(self, online: Iterable[int]) -> list[int]:
        """Nodes that have not said who they are, or were away since: they may have moved."""
        return self._names.strangers(online)

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
        keys = {name: client.member.key for name, client in self.known.items()}
        by_name, facts = self._names.meet(online, facts, keys)
        self._enrol(by_name, facts, number)
        for said in facts.values():
            if said.samples is not None and said.name in self.known:
                self.known[said.name].samples = said.samples
        self._bind(by_name)
        self.doubts.judge_given(self.known.values())
        # Whoever asked has said why a client cannot answer.
        self._say_what_is_unknown({said.name for said in facts.values() if said.told})
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
        for name in sorted(new, key=by_number):
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
            self.known[name] = ClientState(member=self._overridden(member))
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

    def _bind(self, by_name: Mapping[str, int]) -> None:
        """Let names belong to the keys of the nodes that use them, for ever."""
        for name, node in by_name.items():
            member, key = self.known[name].member, self._names.key_of(node)
            if key is None or key == member.key:
                continue
            if member.key is not None:
                logger.warning("lowcarb: client %r has a new key, registered under its name", name)
            self.known[name].member = replace(member, key=key)

    def _say_what_is_unknown(self, names: Collection[str]) -> None:
        clients = [client for name, client in self.known.items() if name in names]
        nowhere = [c.member.name for c in clients if c.member.region is None]
        if nowhere:
            logger.warning(
                "lowcarb: of %d clients it is not known where they are (%s): add a region to their "
                "node config, or give a fleet",
                len(nowhere),
                _listed(nowhere),
            )
        # Those that are nowhere have no grams that a wrong energy could spoil.
        unmeasured = [
            c.member.name for c in clients if c.member.region is not None and c.energy_kwh is None
        ]
        if unmeasured:
            logger.warning(
                "lowcarb: of %d clients it is not known how much energy a round takes (%s): until "
                "it is measured they count as typical of the others, or as %g kWh if nobody's is "
                "known; add power-w and duration-min to their node config, or give a fleet",
                len(unmeasured),
                _listed(unmeasured),
                DEFAULT_KWH,
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
        at_least, at_most = own_bounds_first(
            member.min_rounds,
            member.max_rounds,
            self._fleet.min_rounds[i : i + 1],
            self._fleet.max_rounds[i : i + 1],
        )
        return replace(
            member,
            region=client.region,
            energy_kwh=client.energy_kwh,
            duration_s=client.duration.total_seconds(),
            min_rounds=int(at_least[0]),
            max_rounds=int(at_most[0]),
        )

    def record(self, booked: BookedRound) -> None:
        """Take note of how a round went."""
        if not booked.turns:
            return
        for turn in booked.turns:
            client = self.known[turn.client]
            client.turns += turn.counts
            self._asked += 1
            self._lost += not turn.counts
            self._learn_from(client, turn)
        self._judge(booked)

    def _judge(self, booked: BookedRound) -> None:
        """Trust those again that were heard, and let those rest that are to blame."""
        valid = (Outcome.TRAINED, Outcome.DROPPED)
        heard = [self.known[turn.client] for turn in booked.turns if turn.outcome in valid]
        for turn in booked.turns:
            if turn.outcome is Outcome.LATE:
                trust.late(self.known[turn.client], booked.number, self._rounds)
        blamed = trust.judge(
            [self.known[t.client] for t in booked.turns if t.outcome is not Outcome.LATE],
            heard,
            self.known.values(),
            booked.number,
            self._rounds,
        )
        for client in heard:
            self._names.answered(client.node)
        for client in blamed:
            self._names.failed(client.node)

    def _learn_from(self, client: ClientState, turn: Turn) -> None:
        """Keep what was measured, and what it said of its training."""
        client.samples = _first(turn.samples, client.samples)
        client.last_loss = _first(turn.loss, client.last_loss)
        # Ledgers of older versions may hold less.
        if turn.measured is not None and turn.energy_kwh >= LEAST_ENERGY_KWH:
            client.energies = [*client.energies, turn.energy_kwh][-LEARNT_FROM:]
        if turn.seconds is not None:
            client.durations = [*client.durations, turn.seconds][-LEARNT_FROM:]

    def pass_over(self, names: Iterable[str], number: int) -> None:
        """Take note of clients that a round had chosen, but that were not written to.

        They rest for a round, then for 2, 4 and so on, until they are written to. In the chance
        that a planned turn comes to nothing they count as away.
        """
        for name in names:
            trust.pass_over(self.known[name], number, self._rounds)
            self._away += 1

    def forgive(self) -> None:
        """Suspect nobody any more: without those that are suspected no round can be had."""
        for client in self.known.values():
            client.suspected = False

    def candidates(self, number: int) -> Candidates | None:
        """List the clients that a round is planned for, all but those that have left, if any."""
        clients = [c for c in self.known.values() if c.absent < ROUNDS_UNTIL_LEFT]
        away = self._away / max(1, self._expected)
        lost = chance_lost(lost=self._lost, asked=self._asked, away=away)
        if not clients:
            return None
        return Candidates.of(clients, number, lost, self.busy, self._fleet)

    def everyone(self, number: int) -> Candidates:
        """List all clients before a round, those that have left as well; there is one at least."""
        return Candidates.of(list(self.known.values()), number, 0.0, self.busy, self._fleet)


def _first(new: float | None, old: float | None) -> float | None:
    return old if new is None else new


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
