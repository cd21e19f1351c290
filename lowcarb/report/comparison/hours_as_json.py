"""Comparisons of ways to choose hours as JSON."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lowcarb.replay.comparison import clients_to_dict
from lowcarb.replay.hours_comparison import HoursComparison
from lowcarb.report.comparison.hours_verdict import notes, verdict
from lowcarb.report.inputs import intensities_of


def hours_to_dict(found: Sequence[HoursComparison]) -> dict[str, Any]:
    """Return comparisons for JSON, one for each deadline: `HoursComparison.to_dict`, and more.

    Further keys are ::

        verdict      in each comparison: as the text says it
        timing       in each comparison, by policy: median_s and p95_s of one answer; without it
                     the same seed gives the same document
        intensities, actual_delay_s, forecasts, correction, clients, seed
                     as in the document of a comparison of rounds that follow each other
        notes        as the text says them
    """
    last = found[-1]
    return {
        "verdict": verdict(last),
        "intensities": intensities_of(last.recording),
        **last.about.to_dict(),
        "clients": clients_to_dict(last.planner),
        "seed": last.planner.seed,
        "deadlines": [
            {"verdict": verdict(one), **one.to_dict(), "timing": _timing(one)} for one in found
        ],
        "notes": notes(found),
    }


def _timing(found: HoursComparison) -> dict[str, dict[str, float]]:
    seconds = {
        name: np.concatenate([run.seconds for run in runs]) for name, runs in found.runs.items()
    }
    return {
        name: {"median_s": float(np.median(one)), "p95_s": float(np.percentile(one, 95))}
        for name, one in seconds.items()
    }
