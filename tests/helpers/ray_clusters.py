"""Ray clusters of small nodes, which are processes of this machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.helpers.processes import child, line_of, progress

# A program of its own: Ray leaves files and processes to the garbage collector, which warns. It
# ends when nobody writes to it any more.
_CLUSTER = """
import sys
from ray.cluster_utils import Cluster

node = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_dashboard": False}
cluster = Cluster(initialize_head=True, head_node_args=node)
nodes = [cluster.add_node(**node)]
print(cluster.address, flush=True)
for line in sys.stdin:
    cluster.remove_node(nodes.pop(), allow_graceful=False)
cluster.shutdown()
"""


@dataclass(frozen=True, kw_only=True)
class TwoNodes:
    """A cluster of a head and another node, with a processor each."""

    address: str
    lose_one: Callable[[], None]


@contextmanager
def two_nodes() -> Iterator[TwoNodes]:
    """Begin a cluster; end it, and nothing else that speaks Ray."""
    pytest.importorskip("ray")
    with child(_CLUSTER) as program:
        try:
            yield TwoNodes(address=line_of(program), lose_one=lambda: progress(program, "lose one"))
        finally:
            assert program.stdin is not None
            program.stdin.close()
            program.wait(60)
