"""What counts as a whole number where one is expected."""

from numbers import Integral


def is_whole(value: object) -> bool:
    """Whether something is a whole number; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)
