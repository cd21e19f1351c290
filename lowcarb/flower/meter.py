"""What a stretch of work on this machine burns."""

import logging
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from time import perf_counter
from typing import TYPE_CHECKING

from lowcarb.fleet.energy import TRANSFER_KWH_PER_GB
from lowcarb.flower.wire import (
    ENERGY_KWH,
    MEASURED,
    MOST_MEGABYTES,
    MOST_PUE,
    MOST_WATTS,
    SECONDS,
    sensible,
)
from lowcarb.units import MEGABYTES_PER_GIGABYTE, WATT_SECONDS_PER_KWH

if TYPE_CHECKING:
    from codecarbon import OfflineEmissionsTracker

logger = logging.getLogger("flwr.lowcarb")


@dataclass
class Reading:
    """A measurement, complete when the measured block has ended.

    Parameters
    ----------
    seconds
        Wall time.
    energy_kwh
        At the meter, overhead of the site and network included; None if it could not be measured.
    measured
        How: "codecarbon" or "power"; None if not at all.
    """

    seconds: float = 0.0
    energy_kwh: float | None = None
    measured: str | None = None

    def to_record(self) -> dict[str, float | str]:
        """Write it as entries of a ConfigRecord."""
        record: dict[str, float | str] = {SECONDS: self.seconds}
        if self.energy_kwh is not None and self.measured is not None:
            record |= {ENERGY_KWH: self.energy_kwh, MEASURED: self.measured}
        return record


@contextmanager
def measure(node_config: Mapping[str, object]) -> Iterator[Reading]:
    """Measure a block by CodeCarbon if it is installed, else by power x time if power is known.

    Parameters
    ----------
    node_config
        Says ``power-w``, ``pue`` (default 1), ``upload-mb`` and ``download-mb`` (default 0); what
        makes no sense is taken as not said.
    """
    reading = Reading()
    tracker = _start_tracker()
    began = perf_counter()
    try:
        yield reading
    finally:
        reading.seconds = perf_counter() - began
        compute = None if tracker is None else _stop_tracker(tracker)
        if compute is not None:
            reading.measured = "codecarbon"
        else:
            power = sensible(node_config.get("power-w"), 0, MOST_WATTS)
            if power is not None:
                compute = power * reading.seconds / WATT_SECONDS_PER_KWH
                reading.measured = "power"
        if compute is not None:
            pue = sensible(node_config.get("pue"), 1, MOST_PUE) or 1.0
            moved = [
                sensible(node_config.get(key), 0, MOST_MEGABYTES) or 0.0
                for key in ("upload-mb", "download-mb")
            ]
            transfer = sum(moved) / MEGABYTES_PER_GIGABYTE * TRANSFER_KWH_PER_GB
            reading.energy_kwh = compute * pue + transfer


def _start_tracker() -> "OfflineEmissionsTracker | None":
    """Start CodeCarbon so that it writes no file, opens no connection and says nothing.

    Only energy is asked of it. What its own configuration says of hardware holds; what it says of
    outputs, PUE and intensities does not.
    """
    if find_spec("codecarbon") is None:
        return None
    try:
        from codecarbon import OfflineEmissionsTracker

        # It talks before its argument `log_level` is in force.
        logging.getLogger("codecarbon").setLevel(logging.CRITICAL)
        tracker = OfflineEmissionsTracker(
            tracking_mode="process",
            country_iso_code="USA",
            force_carbon_intensity_g_co2e_kwh=0.0,
            cloud_provider=None,
            pue=1.0,
            output_methods=[],
            output_handlers=[],
            emissions_endpoint="",
            log_level="critical",
            allow_multiple_runs=True,
        )
        tracker.start()
    except Exception as error:
        # A meter that does not work on this machine must not cost the client its turn.
        _say_once(f"CodeCarbon cannot be started: {error!r}")
        return None
    return tracker


def _stop_tracker(tracker: "OfflineEmissionsTracker") -> float | None:
    """Stop CodeCarbon and return the energy in kWh; None if it measured nothing."""
    try:
        tracker.stop()
        # It swallows its own errors; then this attribute is missing.
        energy = float(tracker.final_emissions_data.energy_consumed)
    except Exception as error:
        _say_once(f"CodeCarbon measured nothing: {error!r}")
        return None
    # A machine that works for nothing would be chosen for ever.
    return energy if math.isfinite(energy) and energy > 0 else None


@cache
def _say_once(problem: str) -> None:
    logger.warning("lowcarb: %s; power x time is used where the power is known", problem)
