"""A comparison as JSON."""

from typing import Any

from lowcarb._util.times import to_iso
from lowcarb.replay import Comparison
from lowcarb.replay.comparison import RANDOM


def comparison_to_dict(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison for JSON; keys are stable, unknown figures are null.

    Grams are gCO2eq that came true, means over the starts. Without `timing` the same seed gives the
    same content, unless a solver hit its time limit. ::

        policies    by name: emissions_g, saved_vs_random_pct (against the exact expectation),
                    share_of_oracle_pct (of its saving; null without an oracle), jain, gini,
                    turns_min, turns_max, floors_met_pct, fallbacks; of random also
                    spread_pct (standard deviation of its saving over the seeds, in points) and
                    expected_g (the exact expectation)
        starts      first rounds
        seed        decides between equal clients, and all that is drawn
        timing      by policy: median_s and p95_s of deciding on one round
    """
    return {
        "policies": {name: _policy(comparison, name) for name in comparison.runs},
        "starts": [to_iso(start) for start in comparison.starts],
        "seed": comparison.planner.seed,
        "timing": {
            name: {"median_s": summary.seconds_median, "p95_s": summary.seconds_p95}
            for name, summary in comparison.summaries.items()
        },
    }


def _policy(comparison: Comparison, name: str) -> dict[str, Any]:
    summary = comparison.summaries[name]
    share = summary.share_of_oracle
    content: dict[str, Any] = {
        "emissions_g": summary.realised_g,
        "saved_vs_random_pct": 100 * summary.saved,
        "share_of_oracle_pct": None if share is None else 100 * share,
        "jain": summary.jain,
        "gini": summary.gini,
        "turns_min": summary.turns_min,
        "turns_max": summary.turns_max,
        "floors_met_pct": 100 * summary.floors_met,
        "fallbacks": summary.fallbacks,
    }
    if name == RANDOM:
        content["spread_pct"] = 100 * summary.spread
        content["expected_g"] = float(comparison.random_g.mean())
    return content
