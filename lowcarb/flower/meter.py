"""What a stretch of work on this machine burns."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from time import perf_counter
from typing import TYPE_CHECKING

from lowcarb.energy import TRANSFER_KWH_PER_GB
from lowcarb.flower.wire import ENERGY_KWH, MEASURED, SECONDS
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
        Says ``power-w``, ``pue`` (default 1), ``upload-mb`` and ``download-mb`` (default 0).
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
            power = _number(node_config, "power-w")
            if power is not None:
                compute = power * reading.seconds / WATT_SECONDS_PER_KWH
                reading.measured = "power"
        if compute is not None:
            moved = [_number(node_config, key) or 0.0 for key in ("upload-mb", "download-mb")]
            transfer = sum(moved) / MEGABYTES_PER_GIGABYTE * TRANSFER_KWH_PER_GB
            reading.energy_kwh = compute * (_number(node_config, "pue") or 1.0) + transfer


def _number(node_config: Mapping[str, object], key: str) -> float | None:
    value = node_config.get(key)
    return float(value) if isinstance(value, int | float) else None


def _start_tracker() -> "OfflineEmissionsTracker | None":
    """Start CodeCarbon, offline: only energy is asked of it, so the country does not matter."""
    if find_spec("codecarbon") is None:
        return None
    try:
        from codecarbon import OfflineEmissionsTracker

        tracker = OfflineEmissionsTracker(
            country_iso_code="USA",
            tracking_mode="process",
            save_to_file=False,
            log_level="error",
            allow_multiple_runs=True,
        )
        tracker.start()
    except Exception:
        # A meter that does not work on this machine must not cost the client its turn.
        logger.exception("lowcarb: CodeCarbon could not be started; power x time is used")
        return None
    return tracker


def _stop_tracker(tracker: "OfflineEmissionsTracker") -> float | None:
    """Stop CodeCarbon and return the energy in kWh; None if it failed."""
    try:
        tracker.stop()
        return float(tracker.final_emissions_data.energy_consumed)
    except Exception:
        logger.exception("lowcarb: CodeCarbon could not be read; power x time is used")
        return None
