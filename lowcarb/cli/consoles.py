"""Consoles that show names as they are."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def literal_console(*, stderr: bool = False, soft_wrap: bool = False) -> "Console":
    """Build a console that takes no text for markup, an emoji code or a figure to be coloured.

    Parameters
    ----------
    stderr
        Whether it writes to the standard error.
    soft_wrap
        Whether long lines are left to the terminal.
    """
    from rich.console import Console

    return Console(stderr=stderr, soft_wrap=soft_wrap, highlight=False, markup=False, emoji=False)
