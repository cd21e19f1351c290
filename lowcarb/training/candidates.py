"""All clients of one round, as the planner wants them."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb.fleet.fleet import Fleet
from lowcarb.fleet.fleet_table import UNSET, number_names
from lowcarb.planning.candidates import CandidateView
from lowcarb.providers.forecast_view import UNKNOWN
from lowcarb.training.client_state import ClientState, FigureOrigin, learn
from lowcarb.training.declared import measured_over_declared
from lowcarb.training.noise import without_noise
from lowcarb.units import LONGEST_MIN, SECONDS_PER_MINUTE, SHORTEST_S

DEFAULT_KWH = 0.1
"""Energy of a round where nobody gave or measured any: the same for all, so it ranks nobody."""
DEFAULT_S = 60.0
"""Length of a round where nobody gave or measured any."""
# Measured energies that are so near to the declared ones confirm them.
_SAME = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """The clients of one round, as the planner wants them.

    Parameters
    ----------
    clients
        n of them, in the order of the arrays.
    fleet
        Their regions, expected energies and durations.
    alike_kwh
        Shape (n,): the energies to choose by, in which noise makes no difference.
    ratio
        Measured over declared energies: what is declared counts that many times as much.
    energy_from, duration_from
        Where each energy and duration comes from.
    turns
        Shape (n,): credited so far.
    here
        Shape (n,): online now.
    resting
        Shape (n,): rounds, from this one on, in which it is not asked.
    unrested
        Shape (n,): failed not long ago, and owes too much to rest for as long as usual.
    gap
        Shape (n,): rounds from one turn to the next, at least; 1 for most.
    at_least, at_most
        Shape (n,): floors and caps of each client's turns over the whole training.
    lost
        Chance that a planned turn comes to nothing, as far as the rounds so far tell.
    waited
        Shape (n,): rounds since each was asked last, or joined, this one included.
    """

    clients: tuple[ClientState, ...]
    fleet: Fleet
    alike_kwh: FloatArray
    ratio: float
    energy_from: Sequence[FigureOrigin]
    duration_from: Sequence[FigureOrigin]
    turns: IntArray
    here: BoolArray
    resting: IntArray
    unrested: BoolArray
    gap: IntArray
    at_least: IntArray
    at_most: IntArray
    lost: float
    waited: FloatArray

    @property
    def able(self) -> BoolArray:
        """Who can be asked now (n,)."""
        able: BoolArray = self.here & (self.resting == 0)
        return able

    @classmethod
    def of(
        cls,
        clients: Sequence[ClientState],
        number: int,
        lost: float,
        busy: Collection[int] = (),
        given: Fleet | None = None,
    ) -> "Candidates":
        """Line up clients, at least one, for a round; what nobody knows of one is typical.

        Those whose nodes are `busy` with an earlier round rest in this one. What a `given` fleet
        says besides is kept for policies.
        """
        declared = [client.member.energy_kwh for client in clients]
        ratio = measured_over_declared(declared, [client.energies for client in clients])
        declared = [_times(given, ratio) for given in declared]
        energies = [learn(d, c.energies) for d, c in zip(declared, clients, strict=True)]
        lasting = [client.member.duration_s for client in clients]
        longer = measured_over_declared(lasting, [client.durations for client in clients])
        durations = [
            learn(_times(d, longer), c.durations) for d, c in zip(lasting, clients, strict=True)
        ]
        typical_kwh = _typical(energies, DEFAULT_KWH)
        typical_s = _typical(durations, DEFAULT_S)
        kwh = np.array([typical_kwh if e is None else e for e in energies])
        energy_from = _origins(clients, lambda c: c.member.energy_kwh, lambda c: c.energies)
        regions, region = number_names([c.member.region or UNKNOWN for c in clients])
        names = [client.member.name for client in clients]
        fleet = Fleet(
            clients=names,
            regions=regions,
            region=region,
            energy_kwh=kwh,
            duration_s=np.clip(
                [typical_s if d is None else d for d in durations],
                SHORTEST_S,
                LONGEST_MIN * SECONDS_PER_MINUTE,
            ),
            min_rounds=np.full(len(clients), UNSET, dtype=np.int64),
            max_rounds=np.full(len(clients), UNSET, dtype=np.int64),
            attributes={} if given is None else given.attributes_of(names),
        )
        return cls(
            clients=tuple(clients),
            fleet=fleet,
            alike_kwh=without_noise(
                kwh,
                np.array([typical_kwh if d is None else d for d in declared]),
                np.array([bool(client.energies) for client in clients]),
            ),
            energy_from=energy_from,
            ratio=ratio,
            duration_from=_origins(clients, lambda c: c.member.duration_s, lambda c: c.durations),
            turns=np.array([client.turns for client in clients], dtype=np.int64),
            here=np.array([client.node is not None for client in clients], dtype=np.bool_),
            resting=np.array([_resting(c, number, busy) for c in clients], dtype=np.int64),
            unrested=np.array([c.resting <= number < c.rested for c in clients], dtype=np.bool_),
            gap=np.ones(len(clients), dtype=np.int64),
            at_least=np.array([c.member.min_rounds for c in clients], dtype=np.int64),
            at_most=np.array([c.member.max_rounds for c in clients], dtype=np.int64),
            lost=lost,
            waited=np.array([number - _last_asked(c) for c in clients], dtype=np.float64),
        )

    def paced(self, pace_s: float, number: int, rounds: int, *, seats: int = 0) -> "Candidates":
        """Let clients that work for longer than a round rest until they can be back.

        A client k rounds long is let into every k-th round, after its turn and in the plan. Floors
        come first: who owes more turns than so many rounds have room for is asked more often, as
        each round waits for it.

        Parameters
        ----------
        pace_s
            Who takes no longer is back for the next round.
        number
            Of the round.
        rounds
            That are left, this one included.
        seats
            That must not stay empty for this: where each round waits for its clients, all of them
            are back, and the shortest of the slow ones fill what the others leave.
        """
        slow = np.flatnonzero(self.fleet.duration_s > pace_s)
        if not slow.size:
            return self
        gap, resting = self.gap.copy(), self.resting.copy()
        for i in slow.tolist():
            client = self.clients[i]
            gap[i] = _gap(
                math.ceil(self.fleet.duration_s[i] / pace_s),
                since=None if client.asked is None else number - client.asked,
                owed=client.owed,
                rounds=rounds,
            )
            if client.asked is not None:
                resting[i] = max(resting[i], client.asked + gap[i] - number)
        waiting = np.flatnonzero(self.able & (resting > 0))
        lacking = max(0, seats - int((self.here & (resting == 0)).sum()))
        shortest = waiting[np.argsort(self.fleet.duration_s[waiting], kind="stable")]
        resting[shortest[:lacking]] = 0
        return replace(self, gap=gap, resting=resting)

    def trusted(self, size: int, least: int) -> "Candidates":
        """Let those rest that failed last where others are as good; wake some if nobody is left.

        Parameters
        ----------
        size
            Of the cohort.
        least
            Clients without which a round is none: better to ask some that failed than to leave it
            out. Those that failed least often, and then longest ago, come first.
        """
        resting, owed = self.resting.copy(), np.array([client.owed for client in self.clients])
        open_to_more = self.here & (self.turns < self.at_most)
        able = open_to_more & (resting == 0)
        doubted = able & [client.doubted for client in self.clients]
        worse = doubted | (able & self.unrested)
        better = able & ~worse
        let_in = 0
        for i in self._by_rank(worse):
            # As good is who owes as much. Who owes nothing is tried again once it has rested.
            before = int((better & (owed >= owed[i])).sum()) if owed[i] else 0
            if doubted[i] and size > 1 and better.any():
                # A cohort in which everyone may be dead makes a round that comes to nothing.
                before = max(before, 1)
            if before + let_in >= size:
                resting[i] = 1
            else:
                let_in += 1
        able = open_to_more & (resting == 0)
        if able.sum() < least:
            others = self._by_rank(open_to_more & ~able)
            last = others[: size - int(able.sum())][-1:]
            # Among those that rank alike the policy may choose.
            resting[[i for i in others if last and self._rank(i) <= self._rank(last[0])]] = 0
        return replace(self, resting=resting)

    def _by_rank(self, among: BoolArray) -> list[int]:
        """Put first who failed least often, and then longest ago."""
        return sorted(np.flatnonzero(among).tolist(), key=self._rank)

    def _rank(self, i: int) -> tuple[int, int]:
        return self.clients[i].failures, self.clients[i].asked or 0

    def online(self, rounds: int) -> BoolArray | None:
        """In which of the rounds left each client can work, shape (n, rounds), as far as is known.

        None if all can, always: who is online now and does not rest is taken to stay.
        """
        if self.able.all() and (self.gap == 1).all():
            return None
        first = np.maximum(self.resting, ~self.here)[:, np.newaxis]
        later = np.arange(rounds) - first
        online: BoolArray = (later >= 0) & (later % self.gap[:, np.newaxis] == 0)
        return online

    @property
    def scaled(self) -> int:
        """How many clients' declared energies count otherwise, as others were measured."""
        if abs(self.ratio - 1) <= _SAME:
            return 0
        return sum(not c.energies and c.member.energy_kwh is not None for c in self.clients)

    @property
    def view(self) -> CandidateView:
        """What a policy may know of them."""
        return CandidateView.of_fleet(
            self.fleet,
            samples=_known([client.samples for client in self.clients]),
            last_loss=_known([client.last_loss for client in self.clients]),
            waited=self.waited,
            asked_before=np.array([client.asked is not None for client in self.clients]),
        )


def _gap(k: int, *, since: int | None, owed: int, rounds: int) -> int:
    """Rounds from one turn to the next: k, or as few as leave room for the turns owed.

    Parameters
    ----------
    k
        Rounds that a turn lasts.
    since
        Rounds since the last turn; None if there was none.
    owed, rounds
        Turns that it lacks, and rounds that are left.
    """
    most = k
    if owed > 1:
        most = min(most, (rounds - 1) // (owed - 1))
    if owed and since is not None:
        # The first of them can only be taken once the gap since the last turn is over.
        most = min(most, (rounds - 1 + since) // owed)
    return max(1, most)


def _last_asked(client: ClientState) -> int:
    """The last round in which it was asked, or that before it joined."""
    return client.member.joined - 1 if client.asked is None else client.asked


def _resting(client: ClientState, number: int, busy: Collection[int]) -> int:
    """Rounds, from this one on, in which it is not asked: not in this one if busy or suspected."""
    now = client.suspected or client.node in busy
    return max(client.resting - number, int(now))


def _known(values: list[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _origins(
    clients: Sequence[ClientState],
    given: Callable[[ClientState], float | None],
    measured: Callable[[ClientState], Sequence[float]],
) -> list[FigureOrigin]:
    """Say where a figure comes from: one measurement does not outweigh what was declared."""
    own = [
        FigureOrigin.MEASURED
        if len(measured(client)) > (given(client) is not None)
        else None
        if given(client) is None
        else FigureOrigin.DECLARED
        for client in clients
    ]
    others = FigureOrigin.TYPICAL if any(own) else FigureOrigin.DEFAULT
    return [origin or others for origin in own]


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _typical(values: list[float | None], default: float) -> float:
    known = [value for value in values if value is not None]
    return median(known) if known else default
