"""Data frames as columns of text, so that frames and CSV files are read by the same rules."""

import unicodedata
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from lowcarb._util.csv_table import Table, refuse_repeated
from lowcarb.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

FRAME = "DataFrame"
"""What messages call a frame that has no other name."""


def table_of_frame(frame: "pd.DataFrame", source: str, index: str | None = None) -> Table:
    """Write the columns of a frame as the cells of a CSV would stand; a missing value is blank.

    Parameters
    ----------
    frame
        Its columns are named by text.
    source
        What messages call the frame.
    index
        An index of this name is the first column; any other is left out.

    Raises
    ------
    InputError
        If the frame has no rows or no columns, names a column twice or not by text, or is no frame.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"expected a pandas DataFrame, got {type(frame).__name__}", file=source)
    if index is not None and frame.index.name == index:
        frame = pd.concat([frame.index.to_series(), frame], axis=1)
    header = [_column_name(column, source) for column in frame.columns]
    refuse_repeated(header, source)
    if frame.empty:
        raise InputError(
            f"expected at least one row and one column, got {frame.shape[0]} rows and "
            f"{frame.shape[1]} columns",
            file=source,
        )
    columns: dict[str, Sequence[str]] = {
        name: _cells(frame.iloc[:, at]) for at, name in enumerate(header)
    }
    return Table(file=source, columns=columns, lines=None)


def _column_name(column: Hashable, source: str) -> str:
    if not isinstance(column, str):
        raise InputError(
            f"expected columns named by text, got {column!r}; frame.columns.astype(str) makes text",
            file=source,
        )
    return unicodedata.normalize("NFC", column.strip())


def _cells(column: "pd.Series[Any]") -> list[str]:
    missing = column.isna().tolist()
    return [
        "" if blank else _cell(value) for value, blank in zip(column.tolist(), missing, strict=True)
    ]


def _cell(value: object) -> str:
    # A column of whole numbers with a gap holds floats: 3.0 is what a CSV calls 3.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return text if text.isascii() else unicodedata.normalize("NFC", text)
