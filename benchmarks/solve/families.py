"""Which instances are solved, how often, and which of them make the pictures of growth."""

from benchmarks.instances import INSTANCES, PLANNED, Instance


def _growing(clients: int, rounds: int, cohort_size: int) -> Instance:
    """Clients that all differ, 0.6 to 2 equal shares of turns for each."""
    return Instance(
        clients=clients,
        rounds=rounds,
        cohort_size=cohort_size,
        regions=50,
        min_share=0.6,
        max_share=2.0,
        owing=0.6 * cohort_size * rounds / clients % 1,
    )


IN_CLIENTS = {
    f"{name}x24, {n // 50:,}": _growing(n, 24, n // 50)
    for name, n in {
        "100": 100,
        "300": 300,
        "1,000": 1_000,
        "3,000": 3_000,
        "10^4": 10_000,
        "10^5": 100_000,
        "10^6": 1_000_000,
    }.items()
}
"""Growth in clients, at a fiftieth of them in each of 24 rounds."""

IN_ROUNDS = {
    f"100x{t:,}": _growing(100, t, 10) for t in (24, 48, 96, 200, 500, 1_000, 2_000, 10_000)
}
"""Growth in rounds, of 100 clients and cohorts of 10."""

ONLINE = {
    "2,000x100 online": Instance(
        clients=2_000,
        rounds=100,
        cohort_size=100,
        regions=50,
        min_share=0.6,
        max_share=2.0,
        online=0.6,
    )
}
"""Clients that come and go."""

SMOKE = {
    "smoke": Instance(clients=30, rounds=12, cohort_size=4, regions=8, max_share=2.0, online=0.8)
}

COMPARED = {**PLANNED, **ONLINE, **IN_CLIENTS, **IN_ROUNDS}
"""What is solved unless other instances are named."""

FAMILIES = {**INSTANCES, **COMPARED, **SMOKE}

# Problems of as many clients times rounds are solved once.
_LARGE = 1_000_000


def runs_of(instance: str, runs: int) -> int:
    """How often an instance is solved, with another seed each time, if `runs` are asked for."""
    shape = FAMILIES[instance]
    return 1 if shape.clients * shape.rounds >= _LARGE else runs
