"""A comparison as JSON, with what is left to the limit."""

from typing import Any

from lowcarb.replay import Comparison, Gap
from lowcarb.report.comparison.verdict import notes, verdict


def comparison_to_dict(comparison: Comparison, gap: Gap | None) -> dict[str, Any]:
    """Return all of a comparison for JSON: `Comparison.to_dict`, with more keys.

    Those are ::

        verdict, notes  as the text says them
        limit       what is left to the oracle, null where nobody asked or it could not be split:
                    policy, distance_g, forecast_g, planning_g, by_region, by_hour (24 values)
    """
    return {
        "verdict": verdict(comparison),
        "notes": notes(comparison),
        **comparison.to_dict(),
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
    }
