"""What a training emits, by how long it may take."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import show_duration
from lowcarb.report.pictures.along import Along, along
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import Look


def by_deadline(
    within: Sequence[timedelta],
    grams: Mapping[str, FloatArray],
    *,
    names: Mapping[str, str],
    looks: Mapping[str, Look],
    caption: str,
) -> Picture:
    """Draw emissions over the time until the deadline, a line for each name.

    Parameters
    ----------
    within
        From the first possible start to each deadline, ascending.
    grams
        Name to emissions by deadline (d,), gCO2eq.
    names, looks
        What the lines are called, and how they look.
    caption
        How to read the picture.
    """
    hours = [one / timedelta(hours=1) for one in within]
    return along(
        Along(
            name="by_deadline",
            title="Emissions by deadline",
            label="hours until the deadline",
            column="hours",
            places=hours,
            values=[round(hour, 3) for hour in hours],
            last=show_duration(within[-1]),
        ),
        grams,
        names=names,
        looks=looks,
        caption=caption,
    )
