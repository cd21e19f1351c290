"""A property that is computed once, without a lock.

`functools.cached_property` of Python 3.11 holds a lock that all instances share. A process that is
forked while another thread computes inherits that lock, held for ever. The same stands in
`lowcarb_solvers`, which knows nothing of this package.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801 - used as a decorator, as `property` is
    """Compute an attribute when it is first asked for, and keep it.

    Threads that ask at the same time may each compute it; all get what was kept first.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the name under which instances keep the value."""
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "lazy[Value]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...

    def __get__(self, instance: object | None, owner: type) -> "lazy[Value] | Value":
        """Compute; the next time the instance's own attribute is found first."""
        if instance is None:
            return self
        value: Value = instance.__dict__.setdefault(self._name, self._compute(instance))
        return value
