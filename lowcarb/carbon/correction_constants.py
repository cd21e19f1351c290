"""How forecasts are corrected: the constants, and where they come from."""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.typical_day import HOURS


@dataclass(frozen=True, kw_only=True)
class Correction:
    """How forecasts are corrected.

    The defaults were chosen on public data, 26 grids of the US in July to September 2022 with
    forecasts of 96 hours as they were issued; errors and savings change little if they are halved
    or doubled. ``python -m benchmarks.correction`` measures each part on its own.

    Parameters
    ----------
    half_life
        Days after which a day counts half in typical days.
    prior_days
        Typical days are drawn towards no bias as if so many days without one had been seen.
    skill_days
        The skill is measured on the issues of so many days.
    skill_prior_days
        It is drawn towards what is usual as if that had been seen on so many days.
    disbelief
        What is usual: the share of a departure from the typical day that is not believed, one, two,
        three, and four and more days ahead.
    most_bias
        The bias counts so many times at most.
    most_disbelief
        So many times the departure is taken away at most; more than one, since departures are drawn
        towards zero.
    lasting
        The share of the last residual that lasts for days, and not for hours.
    hours, lasting_hours
        After so many hours 1/e is left of either share.
    least_hours
        Regions of which fewer hours are known are not corrected.
    """

    half_life: float = 8.0
    prior_days: float = 1.0
    skill_days: int = 60
    skill_prior_days: float = 20.0
    disbelief: tuple[float, ...] = (0.2, 0.3, 0.4, 0.5)
    most_bias: float = 1.5
    most_disbelief: float = 1.1
    lasting: float = 0.4
    hours: float = 5.0
    lasting_hours: float = 48.0
    least_hours: int = HOURS

    def fading(self, hours: FloatArray) -> FloatArray:
        """Return what is left of a residual after some hours, as a share of it."""
        soon: FloatArray = (1 - self.lasting) * np.exp(-hours / self.hours)
        late: FloatArray = self.lasting * np.exp(-hours / self.lasting_hours)
        return soon + late
