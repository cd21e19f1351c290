"""The embedded scenario: real typical days and hardware, invented weather and forecast errors.

The scenario needs no network, no keys and no files of the user, and equal seeds give equal
scenarios. Intensities are typical days of 26 US regions times a seeded day-to-day variation of the
measured size; forecasts are those, times seeded errors of the measured size.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np

from lowcarb._util.arguments import check_number
from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.issues import Issues
from lowcarb.carbon.typical_day import HOURS
from lowcarb.demo.grid_statistics import GridStatistics, us_summer_2022
from lowcarb.errors import InputError
from lowcarb.fleet.energy import workload_kwh
from lowcarb.fleet.fleet import Client, Fleet
from lowcarb.units import SECONDS_PER_HOUR

START = datetime(2022, 7, 1, tzinfo=UTC)
REACH_DAYS = 4
"""How far each forecast reaches, as those behind the measured errors do."""

# Correlation of a region's deviation from one day to the next, and of a forecast's error from one
# hour to the next: weather lasts for days, and a forecast that is off stays off for hours.
_DAY_CORRELATION, _HOUR_CORRELATION = 0.6, 0.9
# A normal error of standard deviation s has the mean absolute value s sqrt(2 / pi).
_SD_OF_ABSOLUTE_MEAN = float(np.sqrt(np.pi / 2))
_LEAST_FACTOR = 0.1


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """A kind of machine that trains.

    Parameters
    ----------
    name
        Maker and model.
    power_w
        Rated board or module power, from the maker's data sheet.
    pue
        Power usage effectiveness of the place where the machine stands.
    duration_min
        Minutes that a round of training keeps the machine busy in this scenario.
    """

    name: str
    power_w: float
    pue: float
    duration_min: float


# Edge devices stand in no data centre. 1.58 is the mean PUE of the Uptime Institute's Global Data
# Center Survey 2023; 1.10 is that of Google's large data centres in 2023 (environmental report).
_EDGE, _SERVER_ROOM, _CLOUD = 1.0, 1.58, 1.10
HARDWARE = (
    Hardware(name="NVIDIA Jetson Orin Nano 8GB", power_w=15, pue=_EDGE, duration_min=60),
    Hardware(name="NVIDIA Jetson Orin NX 16GB", power_w=25, pue=_EDGE, duration_min=60),
    Hardware(name="NVIDIA Jetson AGX Orin 64GB", power_w=60, pue=_EDGE, duration_min=40),
    Hardware(name="NVIDIA T4", power_w=70, pue=_CLOUD, duration_min=40),
    Hardware(name="NVIDIA L4", power_w=72, pue=_CLOUD, duration_min=30),
    Hardware(name="NVIDIA RTX A4000", power_w=140, pue=_SERVER_ROOM, duration_min=40),
    Hardware(name="NVIDIA A10", power_w=150, pue=_CLOUD, duration_min=30),
    Hardware(name="NVIDIA A100 80GB PCIe", power_w=300, pue=_SERVER_ROOM, duration_min=20),
)
"""Machines of the scenario; power is the rated board or module power of the makers' data sheets."""

MODEL_MB = 45.0
"""What a client downloads and uploads each round: the 11.7 million float32 weights of ResNet-18."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Intensities, forecasts and a fleet for trying things out.

    Parameters
    ----------
    seed
        Decides weather, forecast errors and who owns which machine.
    days
        Days of actual intensities from `START`; forecasts are issued at the start of each day
        whose whole reach is within them.
    clients
        Size of the fleet, spread evenly over the regions.
    """

    seed: int = 0
    days: int = 10
    clients: int = 100

    def __post_init__(self) -> None:
        """Refuse a scenario that cannot be."""
        check_number("seed", self.seed, 0)
        if self.days < REACH_DAYS or self.clients < 1:
            raise InputError(f"expected at least {REACH_DAYS} days and one client")

    @cached_property
    def grid_statistics(self) -> GridStatistics:
        """The figures behind the scenario: typical days of its g regions and their spread."""
        return us_summer_2022()

    @cached_property
    def _intensity(self) -> FloatArray:
        """Actual intensities, shape (g, 24 days)."""
        rng = np.random.default_rng([self.seed, 1])
        typical, day_sd = self.grid_statistics.typical, self.grid_statistics.day_sd
        deviation = _chain(rng, (len(typical.regions), self.days + 2), _DAY_CORRELATION)
        # Days blend into each other from noon to noon. That shrinks the spread of daily means,
        # which weigh yesterday, today and tomorrow 1 : 6 : 1, and is made good for here.
        near, far = _DAY_CORRELATION, _DAY_CORRELATION**2
        deviation /= np.sqrt((38 + 24 * near + 2 * far) / 64)
        noon = HOURS * (np.arange(self.days + 2) - 0.5)
        hour = np.arange(HOURS * self.days) + 0.5
        smooth = np.stack([np.interp(hour, noon, row) for row in deviation])
        # Log-normal with mean 1, so that a clean region never gets below zero.
        relative = (day_sd / typical.intensity.mean(axis=1))[:, None]
        log_sd = np.sqrt(np.log1p(relative**2))
        factor = np.exp(log_sd * smooth - log_sd**2 / 2)
        return np.asarray(np.tile(typical.intensity, self.days) * factor)

    @cached_property
    def actual(self) -> Forecast:
        """What comes true, for all days."""
        return self._series(self._intensity, 0, "scenario (actual)", None)

    @cached_property
    def issues(self) -> Issues:
        """One forecast a day, each reaching `REACH_DAYS` ahead."""
        rng = np.random.default_rng([self.seed, 2])
        hours = HOURS * REACH_DAYS
        # The measured means are those of whole days; in between, errors grow evenly.
        day = (np.arange(hours) + 0.5) / HOURS + 0.5
        share = np.clip((day - 1) / (REACH_DAYS - 1), 0, 1)
        first, last = (
            self.grid_statistics.error_day1[:, None],
            self.grid_statistics.error_day4[:, None],
        )
        spread = _SD_OF_ABSOLUTE_MEAN * (first + (last - first) * share)
        forecasts = []
        for issue in range(self.days - REACH_DAYS + 1):
            error = spread * _chain(rng, spread.shape, _HOUR_CORRELATION)
            true = self._intensity[:, HOURS * issue : HOURS * issue + hours]
            forecasts.append(
                self._series(
                    true * np.maximum(_LEAST_FACTOR, 1 + error),
                    issue,
                    "scenario (forecast)",
                    START + timedelta(days=issue),
                )
            )
        return Issues(forecasts=tuple(forecasts), source="scenario")

    @cached_property
    def hardware(self) -> tuple[Hardware, ...]:
        """Each client's machine, in the order of the fleet."""
        rng = np.random.default_rng([self.seed, 3])
        return tuple(HARDWARE[h] for h in rng.integers(0, len(HARDWARE), self.clients))

    @cached_property
    def fleet(self) -> Fleet:
        """Clients spread over the regions, each with a machine."""
        regions = self.grid_statistics.typical.regions
        machines = self.hardware
        megabytes = np.full(self.clients, MODEL_MB)
        energy = workload_kwh(
            power_w=np.array([machine.power_w for machine in machines]),
            duration_s=60.0 * np.array([machine.duration_min for machine in machines]),
            pue=np.array([machine.pue for machine in machines]),
            upload_mb=megabytes,
            download_mb=megabytes,
        )
        return Fleet.from_clients(
            [
                Client(
                    name=f"{regions[i % len(regions)].lower()}-{i // len(regions) + 1}",
                    region=regions[i % len(regions)],
                    energy_kwh=float(energy[i]),
                    duration=timedelta(minutes=machines[i].duration_min),
                )
                for i in range(self.clients)
            ]
        )

    def _series(
        self, levels: FloatArray, first_day: int, source: str, issued_at: datetime | None
    ) -> Forecast:
        hours = HOURS * first_day + np.arange(levels.shape[1], dtype=np.float64)
        times = START.timestamp() + SECONDS_PER_HOUR * hours
        return Forecast(
            series={
                region: Series(times=times, values=row)
                for region, row in zip(self.grid_statistics.typical.regions, levels, strict=True)
            },
            source=source,
            issued_at=issued_at,
        )


def _chain(rng: np.random.Generator, shape: tuple[int, ...], correlation: float) -> FloatArray:
    """Standard normal numbers, each row a stationary chain (an AR(1) process)."""
    chain = rng.standard_normal(shape)
    fresh = np.sqrt(1 - correlation**2)
    for j in range(1, shape[1]):
        chain[:, j] = correlation * chain[:, j - 1] + fresh * chain[:, j]
    return chain
