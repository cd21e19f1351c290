"""Data frames as tables of intensities."""

from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.csv_table import Table
from lowcarb._util.csv_times import read_seconds
from lowcarb._util.frame_table import table_of_frame
from lowcarb._util.times import from_seconds, show
from lowcarb.carbon.forecast_table import Known, RegionRows, require_named
from lowcarb.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def read_frame(
    frame: "pd.DataFrame | pd.Series[float]", source: str, factor: float
) -> dict[str, Known]:
    """Read a data frame with a column for each region, and the times as its index.

    Parameters
    ----------
    frame
        A missing value is unknown from its time to the next time of the index.
    source
        What messages call the frame.
    factor
        What a unit of the values is in gCO2eq/kWh.

    Returns
    -------
    dict
        By region: what is known of it.

    Raises
    ------
    InputError
        Names the source, and the row, the region and the time of what is wrong.
    """
    import pandas as pd

    if isinstance(frame, pd.Series):
        if not isinstance(frame.name, str):
            raise InputError(
                f"expected a Series named as its region, got the name {frame.name!r}", file=source
            )
        frame = frame.to_frame()
    table = table_of_frame(frame, source)
    require_named(table, table.columns)
    if not isinstance(frame.index, pd.DatetimeIndex):
        raise InputError(
            f"expected a DatetimeIndex with a zone, got {type(frame.index).__name__}; "
            'frame.set_index(pd.to_datetime(frame["TIME"], utc=True)) makes an index of a column',
            file=source,
        )
    if frame.index.tz is None:
        raise InputError(
            f"the times of the index have no zone, such as {frame.index[0]}; "
            'frame.tz_localize("UTC") says that they are in UTC',
            file=source,
        )
    stamps = [time.isoformat() for time in frame.index]
    times = read_seconds(Table(file=source, columns={"index": stamps}, lines=None), "index")
    for at in np.flatnonzero(np.diff(times) < 0)[:1] + 1:
        this, last = (show(from_seconds(times[row])) for row in (at, at - 1))
        raise table.error(f"the time {this} UTC comes after {last}; times must ascend", int(at))
    found = {}
    for region in table.columns:
        rows = RegionRows(
            table=table, region=region, column=region, times=times, rows=np.arange(len(table))
        )
        read = rows.read(factor)
        if read.only_at is not None:
            raise rows.only_time()
        if read.known is None:
            raise table.error(f"region {region!r} has no value at any time", field=region)
        found[region] = read.known
    return found
