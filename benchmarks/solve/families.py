"""Which instances are solved, and how often."""

from benchmarks.instances import HUGE, IN_CLIENTS, IN_ROUNDS, INSTANCES, PLANNED, Instance

SMOKE = {
    "smoke": Instance(clients=30, rounds=12, cohort_size=4, regions=8, max_share=2.0, online=0.8)
}
"""Solved first by each method, so that imports and the first child process are not timed."""

COMPARED = {**PLANNED, **IN_CLIENTS, **IN_ROUNDS}
"""What is solved unless other instances are named."""

FAMILIES = {**INSTANCES, **COMPARED, **HUGE, **SMOKE}
"""All that can be named."""

# Problems of as many clients times rounds are solved once.
_LARGE = 200_000


def columns_of(instance: str) -> int:
    """Clients times rounds."""
    shape = FAMILIES[instance]
    return shape.clients * shape.rounds


def runs_of(instance: str, runs: int) -> int:
    """How often an instance is solved, with another seed each time, if `runs` are asked for.

    Large ones are solved once, and so are those that are for the pictures alone.
    """
    alone = instance in COMPARED and instance not in PLANNED
    return 1 if alone or columns_of(instance) >= _LARGE else runs
