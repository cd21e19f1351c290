"""OR-tools' min-cost flow; runs in a child process.

This is the only file that imports OR-tools. Up to 9.15 OR-tools cannot be imported beside some
releases of highspy, which PuLP imports where it is installed: each brings symbols of HiGHS that the
other takes for its own. So nothing that imports PuLP may run in the same child; `child.run` gives
the functions of one module a child of their own.
"""

import sys

import numpy as np

from lowcarb_solvers.flow_network import Answer, Network

try:
    from ortools.graph.python import min_cost_flow
except ImportError as _error:
    if "highspy" in sys.modules:
        _error.add_note(
            "OR-tools (ortools) cannot be imported beside this release of highspy, which the "
            "Python of the solver's process loads at its start: install highspy below 1.15 or "
            "from 1.16 on, or take the solver cbc"
        )
    raise


def solve(network: Network, deadline: float) -> Answer:
    """Find the cheapest flow; who calls ends the process at the deadline."""
    del deadline
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        network.tail, network.head, network.room, network.cost
    )
    nodes = np.arange(len(network.supply), dtype=np.int32)
    solver.set_nodes_supplies(nodes, network.supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        return Answer(flows=None, said=status.name)
    return Answer(flows=solver.flows(arcs[: network.asked]), said=status.name)
