"""What a training emits, by how far the sizes of its cohorts may differ."""

from collections.abc import Mapping, Sequence

from lowcarb._util.arrays import FloatArray
from lowcarb.report.pictures.along import Along, along
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import Look


def by_cohort_range(
    ranges: Sequence[str],
    grams: Mapping[str, FloatArray],
    *,
    names: Mapping[str, str],
    looks: Mapping[str, Look],
    caption: str,
) -> Picture:
    """Draw emissions over ranges of cohort sizes, a line for each name.

    Parameters
    ----------
    ranges
        Such as "5..20", in the order in which they stand beside each other.
    grams
        Name to emissions by range (r,), gCO2eq.
    names, looks
        What the lines are called, and how they look.
    caption
        How to read the picture.
    """
    return along(
        Along(
            name="by_cohort_range",
            title="Emissions by cohort range",
            label="fewest to most clients a round",
            column="cohort_range",
            places=[float(k) for k in range(len(ranges))],
            values=ranges,
            ticks=ranges,
            last=ranges[-1],
        ),
        grams,
        names=names,
        looks=looks,
        caption=caption,
    )
