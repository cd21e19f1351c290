"""Within which bounds a round's planned grams lie, or why that is not known."""

import logging
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from lowcarb._util.text import grams
from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.intervals import PastErrors
from lowcarb.carbon.provenance import Quality
from lowcarb.carbon.stand_in import STANDING_IN
from lowcarb.fleet.fleet import Client, Fleet
from lowcarb.planning.grams_interval import grams_interval
from lowcarb.providers.forecast_view import UNKNOWN
from lowcarb.training.corrections import Corrections, as_issued
from lowcarb.training.decision import Decision

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class RoundInterval:
    """An interval, or why there is none.

    Parameters
    ----------
    bounds
        Within which nine in ten such rounds emit, gCO2eq; None where unknown.
    why
        Why there are none; blank where there are, or where no grams are planned.
    """

    bounds: tuple[float, float] | None = None
    why: str = ""

    @property
    def within(self) -> str:
        """Say the bounds behind the planned grams; blank where there are none."""
        if self.bounds is None:
            return ""
        low, high = (grams(bound, self.bounds[1]) for bound in self.bounds)
        return f"90% between {low} and {high}"


def round_interval(decision: Decision, corrections: Corrections | None) -> RoundInterval:
    """Play the errors of past forecasts on those that a round asks.

    Parameters
    ----------
    decision
        The round.
    corrections
        Know how far past forecasts were off; None where nobody holds them against what came true.
    """
    if decision.planned_g is None or not decision.asked or decision.view.forecast is None:
        return RoundInterval()
    if corrections is None:
        return RoundInterval(why="forecasts are not held against what came true")
    typical = [
        region
        for region in {asked.client.member.region for asked in decision.asked}
        if region is not None
        and (origin := decision.view.provenances.get(region)) is not None
        and origin.quality is Quality.TYPICAL
        and origin.provider != STANDING_IN
    ]
    if typical:
        return RoundInterval(why=f"typical days stand in for {min(typical)}")
    try:
        return _played(decision, decision.view.forecast, corrections.errors)
    except Exception:
        # The figures that a round is chosen by are there; a training must not end for this one.
        logger.exception("lowcarb: no interval of planned grams could be found")
        return RoundInterval(why="it could not be found")


def _played(decision: Decision, forecast: Forecast, errors: PastErrors | None) -> RoundInterval:
    fleet = Fleet.from_clients(
        [
            Client(
                name=asked.client.member.name,
                region=asked.client.member.region or UNKNOWN,
                energy_kwh=asked.planned_kwh,
                duration=timedelta(seconds=asked.planned_s),
            )
            for asked in decision.asked
        ]
    )
    found = grams_interval(
        errors,
        as_issued(forecast, decision.view.provenances, decision.start),
        fleet,
        np.array([decision.start.timestamp()]),
        [np.arange(len(fleet))],
        decision.start,
    )
    return RoundInterval(bounds=found.bounds, why=found.why)
