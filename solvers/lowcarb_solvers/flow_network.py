"""A program on class counts as a network with costs in whole numbers, as flow solvers ask for.

Turns flow to the rounds: owed ones from the classes, the others from a spare node, and in place of
turns seats that are empty by choice from a node of their own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.classes import exceeding_exchanges
from lowcarb_solvers.count_program import LEAST_UNIT, CountProgram

NodeArray = NDArray[np.int32]

# The largest whole number that stands for a cost, times the nodes: OR-tools multiplies by their
# number, and gives up where its potentials, which are some multiples of that, leave 64 bits.
_MOST_TIMES_NODES = 2**58


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Arcs and supplies, as OR-tools reads them.

    Parameters
    ----------
    tail, head, room, cost
        Shape (a,): where arcs begin and end, their capacities and costs.
    supply
        Shape (nodes,): what enters at each node; negative where it leaves.
    asked
        On how many arcs, the first ones, the flow is asked for.
    """

    tail: NodeArray
    head: NodeArray
    room: IntArray
    cost: IntArray
    supply: IntArray
    asked: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """What a solver of networks said.

    Parameters
    ----------
    flows
        Shape (c,): the flows that were asked for, not yet verified; None if it found none.
    said
        The name of its status, as OR-tools calls it.
    """

    flows: IntArray | None
    said: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Translation:
    """A network, and the way back from its flow to counts.

    Parameters
    ----------
    network
        What is to be solved.
    rows, rounds
        Shape (c,): which count each of the first arcs stands for.
    unit
        The cost that a whole number of one stands for.
    """

    network: Network
    rows: IntArray
    rounds: IntArray
    unit: float

    def counts(self, flows: IntArray, shape: tuple[int, int]) -> IntArray:
        """Counts (k, t) of the flows (c,) on the first arcs."""
        counts = np.zeros(shape, dtype=np.int64)
        counts[self.rows, self.rounds] = flows
        return counts


def translate(program: CountProgram, coarser: float = 1.0) -> Translation:
    """Make a network of a program, with as many digits as fit, or with a unit so much coarser."""
    k, t = program.capacity.shape
    rows, rounds = np.nonzero(program.capacity > 0)
    room, cost = program.capacity[rows, rounds], program.cost[rows, rounds]
    # Classes without bounds of their own need no node: their turns come from the spare.
    bound = np.flatnonzero((program.floor > 0) | (program.ceiling < program.capacity.sum(axis=1)))
    node_of = np.full(k, t)
    node_of[bound] = t + 1 + np.arange(len(bound))
    nodes, spare = node_of[bound], np.full(max(len(bound), t), t)
    floor = program.floor[bound]
    tails, heads, rooms, costs = [node_of[rows]], [rounds], [room], [cost]

    def add(tail: IntArray, head: IntArray, room: IntArray, each: float) -> None:
        tails.append(tail)
        heads.append(head)
        rooms.append(room)
        costs.append(np.full(len(room), each))

    slack = program.slack
    # The node of empty seats; where cohorts are fixed these come from the spare.
    none = t + 1 + len(bound) if slack.breathes else t
    if slack.breathes:
        add(np.full(t, none), np.arange(t), slack.width, 0.0)
    # Turns beyond the floor; the floor itself enters at the class.
    add(spare[: len(bound)], nodes, program.ceiling[bound] - floor, 0.0)
    if program.penalty is not None:
        # The program's own dearest turn may be cheaper than that of the whole problem.
        dearest = float(cost.max(initial=0.0))
        penalty = min(program.penalty, exceeding_exchanges(dearest, t) or program.penalty)
        # Turns that are missing, and seats that stay empty.
        assured = program.assured[bound]
        add(nodes, spare[: len(bound)], floor - assured, penalty)
        add(nodes[assured > 0], spare[: len(bound)][assured > 0], assured[assured > 0], 2 * penalty)
        add(np.full(t, none), np.arange(t), program.seats, penalty)
        if slack.breathes:
            add(spare[:1], np.array([none]), program.seats.sum(keepdims=True), penalty)
    empty = np.full(int(slack.breathes), slack.total)
    supply = np.concatenate([-program.seats, [0], floor, empty])
    supply[t] = -supply.sum()
    exact = np.concatenate(costs)
    most = _MOST_TIMES_NODES / len(supply)
    # Dividing by a unit instead of multiplying with its inverse, which may be infinite.
    unit = max(float(exact.max(initial=0.0)) / most * coarser, LEAST_UNIT)
    return Translation(
        network=Network(
            tail=np.concatenate(tails).astype(np.int32),
            head=np.concatenate(heads).astype(np.int32),
            room=np.concatenate(rooms),
            cost=np.rint(exact / unit).astype(np.int64),
            supply=supply,
            asked=len(rows),
        ),
        rows=rows,
        rounds=rounds,
        unit=unit,
    )
