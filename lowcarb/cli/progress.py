"""A bar for work that is made of many tasks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lowcarb.cli.consoles import literal_console


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the standard error until the block ends, if that is a terminal.

    What it gives is told how many tasks are done, and of how many.

    Parameters
    ----------
    what
        Stands before the bar.
    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = literal_console(stderr=True)
    if not console.is_terminal:
        # Some releases of rich end a bar that nobody saw with an empty line.
        yield lambda done, of: None  # noqa: ARG005 - nobody is told
        return
    bar = Progress(
        TextColumn(what),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        expand=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
