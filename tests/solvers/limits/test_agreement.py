"""Answers to problems with limits against enumeration, and against HiGHS on single clients."""

import pytest

from tests.helpers.limited_check import check_by_enumeration, check_limited
from tests.helpers.limited_instances import KINDS, small_limited
from tests.helpers.limited_reference import SingleClients, enumerate_limited


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_alone_agrees_with_enumeration(kind: str) -> None:
    for seed in range(2):
        limited = small_limited(seed, (kind,), elastic=bool(seed % 2), tight=1.2)
        check_limited(limited, enumerate_limited(limited))


@pytest.mark.parametrize("block", range(4))
def test_combinations_agree_with_enumeration(block: int) -> None:
    for seed in range(15 * block, 15 * block + 15):
        limited = small_limited(seed, elastic=bool(seed % 2), tight=1 + 0.3 * (seed % 3))
        check_limited(limited, enumerate_limited(limited))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_many_combinations_agree_with_enumeration(block: int) -> None:
    infeasible, short = check_by_enumeration(
        small_limited(seed, elastic=bool(seed % 2), tight=1 + 0.3 * (seed % 3))
        for seed in range(1000 + 100 * block, 1100 + 100 * block)
    )
    assert infeasible > 10
    assert short > 10


@pytest.mark.slow
@pytest.mark.parametrize("block", range(6))
def test_stages_agree_with_stages_on_single_clients(block: int) -> None:
    """With alike clients that merge; only instances that lack something count."""
    short, seed = 0, 10_000 * (block + 1)
    while short < 50:
        seed += 1
        limited = small_limited(seed, elastic=True, clients=(5, 8), rounds=(3, 5), tight=1.8)
        expected = SingleClients(limited).solve()
        assert expected is not None
        if any(expected[0]):
            short += 1
            check_limited(limited, expected)


@pytest.mark.parametrize("seed", range(5))
def test_merged_classes_agree_with_single_clients(seed: int) -> None:
    limited = small_limited(seed, elastic=False, clients=(6, 10), rounds=(4, 6), tight=0.8)
    solution = check_limited(limited, SingleClients(limited).solve())
    assert len(solution.merged) < limited.problem.clients
