"""Chains of slots against trying all of them."""

from itertools import combinations, pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb import InputError
from lowcarb.planning.slots import Slots


def all_chains(slots: Slots, rounds: int) -> list[tuple[int, ...]]:
    starts = slots.starts.tolist()
    return [
        chain
        for chain in combinations(range(len(starts)), rounds)
        if starts[chain[0]] <= slots.first_by_s
        and all(
            starts[a] + slots.length_s <= starts[b] <= starts[a] + slots.length_s + slots.pause_s
            for a, b in pairwise(chain)
        )
    ]


some_slots = st.builds(
    lambda gaps, length, pause, first: Slots(
        starts=np.cumsum(np.array(gaps, dtype=np.float64)),
        length_s=float(length),
        pause_s=float(pause),
        first_by_s=float(first),
    ),
    st.lists(st.integers(1, 4), min_size=1, max_size=9),
    st.integers(1, 4),
    st.sampled_from([0, 1, 3, 8, inf]),
    st.sampled_from([2, 6, inf]),
)


@settings(max_examples=200, deadline=None)
@given(slots=some_slots, rounds=st.integers(1, 5), data=st.data())
def test_no_chain_is_cheaper(slots: Slots, rounds: int, data: st.DataObject) -> None:
    many = len(slots)
    prices = np.array(
        data.draw(st.lists(st.integers(-3, 9), min_size=many, max_size=many)), dtype=np.float64
    )
    chains = all_chains(slots, rounds)
    chosen = slots.cheapest(prices, rounds)
    if not chains:
        assert chosen is None
    else:
        assert chosen is not None
        assert tuple(chosen.tolist()) in chains
        assert prices[chosen].sum() == min(prices[list(chain)].sum() for chain in chains)


@settings(max_examples=100, deadline=None)
@given(slots=some_slots)
def test_no_chain_is_longer(slots: Slots) -> None:
    chain = tuple(slots.longest_chain().tolist())
    assert not all_chains(slots, len(chain) + 1)
    assert not chain or chain in all_chains(slots, len(chain))


def test_as_soon_as_can_be() -> None:
    slots = Slots(starts=np.arange(0.0, 10.0), length_s=1.5)
    chosen = slots.soonest(3)
    assert chosen is not None
    assert chosen.tolist() == [0, 2, 4]


def test_what_would_take_too_long_is_refused() -> None:
    slots = Slots(starts=np.arange(0.0, 20_000.0), length_s=1.5)
    with pytest.raises(InputError, match=r"20,000 slots and 9,000 rounds; longer slots"):
        slots.cheapest(np.zeros(20_000), 9_000)
