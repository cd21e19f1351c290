"""The days on which savings are played: recorded ones, one's own, or the embedded scenario's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import findings, recordings
from lowcarb.demo.scenario import Scenario
from lowcarb.replay import Recording

RECORDED = (
    "recorded days: 26 US regions, July to September 2022, forecasts as issued, computed from "
    "CarbonCast and data of the U.S. Energy Information Administration. The series are not in the "
    "repository: [where they come from](../docs/recorded-days.md)"
)


@dataclass(frozen=True, kw_only=True)
class Days:
    """Forecasts and what came true.

    Parameters
    ----------
    about
        What they are, for people.
    by_accounting
        Recordings: lifecycle, and direct where it is known.
    departures
        How they differ from the days of the recorded results.
    """

    about: str
    by_accounting: Mapping[str, Recording]
    departures: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> "Days":
        """Read a folder of the form of the recorded days.

        Raises
        ------
        InputError
            If the folder lacks a file, or one cannot be read.
        """
        found = recordings(folder)
        if all(one.fits for one in findings(folder)):
            return cls(about=RECORDED, by_accounting=found)
        return cls(
            about=f"recorded days of one's own, in {folder.name}",
            by_accounting=found,
            departures=("days other than the recorded ones",),
        )

    @classmethod
    def embedded(cls, seed: int) -> "Days":
        """Make the embedded scenario."""
        scenario = Scenario(seed=seed, days=40)
        return cls(
            about="the embedded scenario (invented weather and forecast errors)",
            by_accounting={"lifecycle": Recording(issues=scenario.issues, actual=scenario.actual)},
        )
