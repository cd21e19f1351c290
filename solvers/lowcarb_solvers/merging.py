"""Finding who is interchangeable: clients by all that counts of them, as whole numbers."""

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.keys import combine
from lowcarb_solvers.problem import Problem


def merge(problem: Problem) -> Classes:
    """Merge the interchangeable clients of a problem into classes."""
    at_most = np.minimum(problem.at_most, problem.rounds)
    keys = [problem.level_of, _ordered(problem.weight), problem.at_least, at_most]
    if problem.available is not None:
        keys.append(_codes_of_rows(problem.available))
    key = combine(keys)
    clients = np.argsort(key)
    key = key[clients]
    begins = np.concatenate([[True], key[1:] != key[:-1]])
    del key, keys
    first = np.flatnonzero(begins)
    member_of = np.empty(problem.clients, dtype=np.int64)
    member_of[clients] = np.cumsum(begins) - 1
    # Any member will do: they agree in all that is asked of them.
    one = clients[first]
    return Classes(
        problem=problem,
        member_of=member_of,
        size=np.diff(first, append=problem.clients),
        level_of=problem.level_of[one],
        weight=problem.weight[one],
        at_least=problem.at_least[one],
        at_most=at_most[one],
        available=None if problem.available is None else problem.available[one],
    )


def _ordered(weight: FloatArray) -> IntArray:
    """Whole numbers in the order of weights that are not negative, equal where those are equal.

    The bits of such floating-point numbers are in their order.
    """
    bits = (weight + 0.0).view(np.int64)  # a negative zero becomes a positive one
    above = bits[bits > 0]
    if not above.size:
        return bits
    bits -= above.min() - 1
    return np.maximum(bits, 0, out=bits)


def _codes_of_rows(flags: BoolArray) -> IntArray:
    packed = np.ascontiguousarray(np.packbits(flags, axis=1))
    rows = packed.view(np.dtype((np.void, packed.shape[1]))).reshape(-1)
    return np.unique(rows, return_inverse=True)[1].reshape(-1).astype(np.int64)
