"""How far forecasts were from what came true, by how many days ahead they spoke."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.correction_measured import came_true
from lowcarb.replay.recording import Recording

_DAY_S = 86_400.0


def error_by_day_ahead(
    recording: Recording, regions: Sequence[str], moments: Sequence[datetime]
) -> FloatArray:
    """Mean absolute percentage error of the issues in use at some moments, as a share.

    Each value of such an issue is compared with the mean of the actual intensity over the time for
    which it holds, where that is wholly known and above zero. Issues count once, however often they
    were in use.

    Parameters
    ----------
    recording
        What was forecast and what came true.
    regions
        g names.
    moments
        When somebody planned.

    Returns
    -------
    FloatArray
        Shape (g, d): the first day from the issue on, the second, and so on; NaN where nothing can
        be compared.
    """
    issues = {id(issue): issue for issue in map(recording.issues.at, moments)}.values()
    errors: dict[tuple[int, int], list[FloatArray]] = {}
    for issue in issues:
        for r, region in enumerate(regions):
            ahead, actual = issue.of(region), recording.actual.of(region)
            begin = ahead.times[0] if issue.issued_at is None else issue.issued_at.timestamp()
            day = np.floor((ahead.times - begin) / _DAY_S).astype(np.int64)
            true = came_true(ahead, actual)
            good = (true > 0) & (day >= 0)
            share = np.abs(ahead.values[good] - true[good]) / true[good]
            for d in np.unique(day[good]).tolist():
                errors.setdefault((r, d), []).append(share[day[good] == d])
    found = np.full((len(regions), 1 + max((d for _, d in errors), default=0)), np.nan)
    for (r, d), parts in errors.items():
        found[r, d] = float(np.concatenate(parts).mean())
    return found
