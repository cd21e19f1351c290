"""The intensities ahead as a round sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.units import SHORTEST_S

UNKNOWN = "unknown"
"""Region of clients that do not say where they are; no provider is asked for it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ForecastView:
    """The intensities ahead, as they are known at some time.

    Parameters
    ----------
    forecast
        Covers every region from now to the end; None if nothing is known of any.
    provenances
        Where each region's intensities come from, and how good they are.
    """

    forecast: Forecast | None
    provenances: dict[str, Provenance]

    def mean(self, region: str | None, start: datetime, seconds: float | None) -> float | None:
        """Mean intensity over a stretch of work, gCO2eq/kWh; None where nothing is known."""
        provenance = self.provenances.get(region or UNKNOWN)
        if self.forecast is None or provenance is None or provenance.quality is Quality.MISSING:
            return None
        duration = timedelta(seconds=max(seconds or 0.0, SHORTEST_S))
        return self.forecast.of(region or UNKNOWN).mean(start, duration)

    @property
    def missing(self) -> set[str]:
        """Regions of which nothing is known."""
        return {name for name, p in self.provenances.items() if p.quality is Quality.MISSING}

    @property
    def summary(self) -> str:
        """Say how many regions are not fresh; empty if all are."""
        counts = {
            quality: [name for name, p in self.provenances.items() if p.quality is quality]
            for quality in (Quality.LAST_GOOD, Quality.TYPICAL, Quality.MISSING)
        }
        words = {Quality.MISSING: "no forecast"}
        return ", ".join(
            f"{words.get(quality, quality)} for {_regions(names)}"
            for quality, names in counts.items()
            if names
        )


def _regions(names: Sequence[str]) -> str:
    if len(names) > 1:
        return f"{len(names)} regions"
    return "clients of no known region" if names[0] == UNKNOWN else names[0]
