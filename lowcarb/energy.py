"""Energy of a client's workload for one round, in kWh at the meter."""

from collections.abc import Sequence
from statistics import median

from lowcarb.units import MEGABYTES_PER_GIGABYTE, WATT_SECONDS_PER_KWH
from lowcarb_solvers.arrays import FloatArray

TRANSFER_KWH_PER_GB = 0.06
"""Electricity to move a gigabyte through core and fixed access networks.

The estimate for 2015 of Aslan, Mayers, Koomey and France, "Electricity Intensity of Internet Data
Transmission: Untangling the Estimates", Journal of Industrial Ecology 22(4), 2018. It falls by
about half every two years, so today's figure is lower: this one errs on the high side.
"""


def workload_kwh(
    *,
    power_w: FloatArray,
    duration_s: FloatArray,
    pue: FloatArray,
    upload_mb: FloatArray,
    download_mb: FloatArray,
) -> FloatArray:
    """Energy from power, time and transfer.

    Parameters
    ----------
    power_w
        Shape (n,): mean power of the machine while it trains.
    duration_s
        Shape (n,).
    pue
        Shape (n,): power usage effectiveness of the site, 1 where there is no overhead.
    upload_mb, download_mb
        Shape (n,): what a round moves; charged with `TRANSFER_KWH_PER_GB` at the client's region.

    Returns
    -------
    array
        Shape (n,), kWh.
    """
    compute = power_w * duration_s * pue / WATT_SECONDS_PER_KWH
    return compute + (upload_mb + download_mb) / MEGABYTES_PER_GIGABYTE * TRANSFER_KWH_PER_GB


LEARNT_FROM = 9
"""Measurements of a client that count, the last ones."""


def learn(given: float | None, measured: Sequence[float]) -> float | None:
    """Expect of the next round what the last ones measured.

    The estimate is the median of the last `LEARNT_FROM` measurements and two copies of the given
    figure. A single outlier therefore never decides; after one measurement the given figure still
    stands, after two it is half way, from the third on measurements alone decide.

    Parameters
    ----------
    given
        The figure to start from, kWh or seconds; None if nobody gave one.
    measured
        Measurements in the same unit, oldest first.

    Returns
    -------
    float or None
        None if nothing is known.
    """
    known = [*measured[-LEARNT_FROM:], *([] if given is None else [given, given])]
    return median(known) if known else None
