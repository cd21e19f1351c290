"""Tables on any terminal: as tables where there is room, else row by row."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

# On a narrower terminal columns would be cut to nothing.
_LEAST = 60


def print_table(table: Table, console: Console) -> None:
    """Print a table, or, on a narrow terminal, a line for each cell below the name of its row."""
    if console.width >= _LEAST:
        console.print(table)
        return
    titles = [str(column.header) for column in table.columns]
    for first, *cells in zip(*(column.cells for column in table.columns), strict=True):
        console.print(Text(f"{titles[0]}: {first}", style="bold"))
        for title, cell in zip(titles[1:], cells, strict=True):
            console.print(Text(f"  {title}: {cell}"))
