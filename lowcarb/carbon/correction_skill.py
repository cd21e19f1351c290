"""How much of a bias, and of a departure from the typical day, would have been best to believe."""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb.carbon.correction_constants import Correction
from lowcarb.carbon.correction_past import LONGEST, Past
from lowcarb.carbon.correction_typical import TypicalErrors
from lowcarb.carbon.typical_day import HOURS

_TINY = 1e-9
# A forecast whose departures are so many times those of what came true, squared, strays.
_FAR = 2.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Skill:
    """Sums of products over the hours of each day's first issue, for least squares.

    Parameters
    ----------
    issued
        Shape (d, g): hours of issue, as in `Past`.
    sums
        Shape (7, d, LONGEST + 1, g): over the hours ahead up to each one, those of which what came
        true is unknown left out: bias squared, bias times departure, departure squared, bias and
        departure times the error, the error squared, and the number of hours.
    """

    issued: IntArray
    sums: FloatArray

    @classmethod
    def of(cls, past: Past, typical: TypicalErrors, delay_s: float) -> "Skill":
        """Sum up; each issue is corrected by what was known when it came out."""
        issued, regions = past.issued, len(past.regions)
        days = len(issued)
        known = past.known_when_issued(delay_s)
        newest = past.newest(known)
        shape = (days, LONGEST, regions)
        hour = issued[:, None] + np.arange(LONGEST)[None, :, None]
        region = np.broadcast_to(np.arange(regions), shape)
        bias, departure = typical.of_hours(
            past.ahead, hour, region, np.broadcast_to(newest[:, None], shape), issued[:, None]
        )
        error = past.of_issues(past.actual) - past.ahead
        # Without days before, both are zero.
        good = ~np.isnan(error) & ((bias != 0) | (departure != 0))
        b, d, e = (np.where(good, part, 0.0) for part in (bias, -departure, error))
        sums = np.zeros((7, days, LONGEST + 1, regions))
        np.cumsum([b * b, b * d, d * d, b * e, d * e, e * e, good], axis=2, out=sums[:, :, 1:])
        return cls(issued=issued, sums=sums)

    def shares(self, correction: Correction, known: IntArray, today: int) -> FloatArray:
        """How much of the bias is believed, and how much of the departure is not.

        Parameters
        ----------
        correction
            How to correct.
        known
            Shape (g,): hours of which what came true is known.
        today
            The day, as they are counted in `issued`.

        Returns
        -------
        FloatArray
            Shape (days ahead, 2, g).
        """
        usual = np.array(correction.disbelief)
        last = max(0, min(today + 1, len(self.issued)))
        days = slice(min(last, max(0, today - correction.skill_days)), last)
        # Hours ahead, of each issue, that are known by now.
        seen = np.clip(known - self.issued[days], 0, LONGEST)
        edges = np.append(np.arange(len(usual)) * HOURS, LONGEST)
        at = np.minimum(seen[:, None], edges[None, :, None])
        upto = np.take_along_axis(self.sums[:, days], at[None], axis=2)
        bb, bd, dd, be, de, ee, hours = np.diff(upto, axis=2).sum(axis=1)
        # How far what came true was from the typical day. A forecast that strays much further is
        # broken: what is usual counts less against what was seen of it.
        strayed = np.maximum(ee + bb + dd - 2 * (be + de - bd), 0.0)
        # Ridge regression, in units of each column's own size, towards all of the bias and the
        # usual disbelief.
        prior = correction.skill_prior_days * HOURS / np.maximum(hours, 1.0)
        be, de = be - bb - bd * usual[:, None], de - bd - dd * usual[:, None]
        bb, dd = bb * (1 + prior) + _TINY, dd + np.minimum(dd, _FAR * strayed) * prior + _TINY
        whole = bb * dd - bd * bd
        bias = 1 + (be * dd - de * bd) / whole
        departure = usual[:, None] + (de * bb - be * bd) / whole
        return np.stack(
            [bias.clip(0, correction.most_bias), departure.clip(0, correction.most_disbelief)],
            axis=1,
        )
