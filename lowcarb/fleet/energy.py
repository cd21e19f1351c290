"""Energy of a client's workload for one round, in kWh at the meter."""

from lowcarb._util.arrays import FloatArray
from lowcarb.units import MEGABYTES_PER_GIGABYTE, WATT_SECONDS_PER_KWH

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
