"""What a strategy needs of the sizes of cohorts, where these are to breathe."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from flwr.serverapp.strategy import Bulyan, FedTrimmedAvg

from lowcarb._util.arguments import check_number
from lowcarb.errors import InputError, StrategyError
from lowcarb.flower.inner import Inner
from lowcarb.planning.cohort_range import CohortRange, as_range, show_range

# What strategies that aggregate securely have: how the secrets of a round are shared.
_SHARED = ("num_shares", "reconstruction_threshold")


def _outvoting(strategy: Any, malicious: int) -> int:
    """Replies without which so many malicious ones cannot be told from the others."""
    return (4 if isinstance(strategy, Bulyan) else 2) * malicious + 3


def _trimming(strategy: Any, part: float) -> int:
    """Replies of which at least one is trimmed at each end."""
    return math.ceil(1 / part) if isinstance(strategy, FedTrimmedAvg) and part > 0 else 1


# By attribute, how many clients a strategy that has it needs in a round.
_LEAST: Mapping[str, Callable[[Any, Any], int]] = {
    "min_train_nodes": lambda _strategy, least: int(least),
    "num_malicious_nodes": _outvoting,
    "num_nodes_to_select": lambda _strategy, selected: int(selected),
    "beta": _trimming,
}


def range_of_rounds(
    value: object,
    *,
    cohort_size: int | None,
    over_selection: int,
    enough: int | None,
    inner: Inner,
) -> CohortRange | None:
    """Read the range of the sizes of cohorts, those over-selected included; None without one.

    Parameters
    ----------
    value, cohort_size, over_selection, enough
        As in `CarbonAware`.
    inner
        The strategy.

    Raises
    ------
    InputError
        If it is no range, or if it contradicts the other arguments.
    StrategyError
        If the strategy needs more clients than its lower end, or the same number in all rounds.
    """
    if value is None:
        return None
    if cohort_size is None:
        raise InputError(
            "cohort_range: expected cohort_size beside it, the clients in a round on average, such "
            "as cohort_size=10, cohort_range=(5, 20)",
            field="cohort_range",
        )
    least, most = found = as_range(value, cohort_size=cohort_size)
    if least == most:
        return None
    told = f"cohort_range={show_range(found)}"
    if (fixed := _needs_one_number(inner)) is not None:
        raise StrategyError(
            f"{told}: {fixed}, so all rounds must have the same number: leave cohort_range out"
        )
    needed, by = _needs_at_least(inner)
    if needed > least:
        raise StrategyError(
            f"{told}: {by} needs {needed} clients in a round, so the range must begin there: "
            f"cohort_range=({needed}, {max(needed, most)}), and cohort_size={needed} or more"
        )
    if enough is not None:
        # Smaller rounds would wait for all where larger ones do not.
        check_number("enough", enough, 1, least + over_selection)
    return least + over_selection, most + over_selection


def _needs_one_number(inner: Inner) -> str | None:
    """Say what reckons with one number of clients in all rounds; None if nothing does."""
    for one in inner.chain:
        name = type(one).__name__
        if hasattr(one, "num_sampled_clients"):
            return (
                f"differential privacy ({name}) reckons with "
                f"num_sampled_clients={one.num_sampled_clients}"
            )
        if any(hasattr(one, part) for part in _SHARED):
            return f"secure aggregation ({name}) shares secrets among one number of clients"
    return None


def _needs_at_least(inner: Inner) -> tuple[int, str]:
    """How many clients it needs in a round, and what says so."""
    found = [(1, "")]
    for one in inner.chain:
        for name, needs in _LEAST.items():
            if (value := getattr(one, name, None)) is not None:
                found.append((needs(one, value), f"{type(one).__name__} with {name}={value}"))
    return max(found)
