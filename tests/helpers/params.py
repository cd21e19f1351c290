"""Long lists of cases: some in the fast tests, all of them in the slow ones."""

from collections.abc import Iterable
from typing import Any

import pytest


def first_fast(cases: Iterable[Any], fast: int) -> list[Any]:
    """Mark all cases behind the first ones as slow."""
    return [
        case if at < fast else pytest.param(*_values(case), marks=pytest.mark.slow)
        for at, case in enumerate(cases)
    ]


def _values(case: Any) -> tuple[Any, ...]:
    return case if isinstance(case, tuple) else (case,)
