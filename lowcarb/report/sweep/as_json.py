"""A sweep as JSON."""

from typing import Any

from lowcarb.replay import Sweep
from lowcarb.report.inputs import intensities_of
from lowcarb.report.sweep.verdict import front, hours, notes, prices, verdict


def sweep_to_dict(sweep: Sweep) -> dict[str, Any]:
    """Return all of a sweep for JSON: `Sweep.to_dict`, with more keys.

    Those are ::

        verdict, notes  as the text says them
        findings        what the axes cost, what choosing the hours saved, and which points are on
                        the front, in words
        intensities     a list of signal and accounting (null where unknown) of the actuals and of
                        the forecast (null where yesterday's values are the forecast)
    """
    return {
        "verdict": verdict(sweep),
        "findings": [*prices(sweep), *hours(sweep), *front(sweep)],
        "intensities": intensities_of(sweep.first.recording),
        **sweep.to_dict(),
        "notes": notes(sweep),
    }
