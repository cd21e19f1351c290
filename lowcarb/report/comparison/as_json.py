"""A comparison as JSON, with what is left to the limit."""

from typing import Any

from lowcarb.replay import Comparison, Gap, SecondComparison
from lowcarb.report.comparison.verdict import notes, verdict
from lowcarb.report.inputs import intensities_of


def comparison_to_dict(
    comparison: Comparison, gap: Gap | None, second: SecondComparison | None = None
) -> dict[str, Any]:
    """Return all of a comparison for JSON: `Comparison.to_dict`, with more keys.

    Those are ::

        verdict, notes  as the text says them
        intensities     a list of signal and accounting (null where unknown) of the actuals and of
                        the forecast (null where yesterday's values are the forecast)
        limit       what is left to the oracle, null where nobody asked or it could not be split:
                    policy, distance_g, forecast_g, planning_g, by_region, by_hour (24 values)
        also        where there is a second signal, the policies by it, beside and never added:
                    signal, accounting, answers (which question), source, expected_g (of random),
                    expected_known_share (of the energy), policies, missing_regions
    """
    return {
        "verdict": verdict(comparison),
        "intensities": intensities_of(comparison.recording),
        **comparison.to_dict(),
        "notes": notes(comparison),
        "limit": None
        if gap is None
        else {
            "policy": gap.policy,
            "distance_g": gap.distance_g,
            "forecast_g": gap.forecast_g,
            "planning_g": gap.planning_g,
            "by_region": gap.by_region,
            "by_hour": gap.by_hour.tolist(),
        },
        **({} if second is None else {"also": second.to_dict()}),
    }
