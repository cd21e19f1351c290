"""A made marginal signal: three sites that curtail now and then, and cohorts of 0 to 2 of them.

Each site is below 20 g/kWh for 35 % of the time, in stretches of 1 to 5 hours of its own, and from
300 to 600 g/kWh otherwise. Days of the same kind before the start say what is usual.

Usage::

    python -m benchmarks.three_sites [--seeds 20] [--out FILE]

Rewrites its section of ``benchmarks/RESULTS.md``.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.results import RESULTS, Section, setting, table
from lowcarb import Client, Fairness, Fleet, Forecast, Planner, Series
from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.issues import Issues
from lowcarb.planning.hours import Hours
from lowcarb.planning.slot_policies import slot_policies
from lowcarb.replay import Recording
from lowcarb.replay.hours_backtest import HoursBacktest
from lowcarb_solvers import chain

SITES = ("east", "middle", "west")
STEP = timedelta(minutes=15)
SLOTS, PAST = 72, 4 * 24 * 4
START = datetime(2026, 3, 2, tzinfo=UTC)
_CLEAN = 0.35
# Shortest and longest clean stretch, in slots.
_STRETCH = (4, 20)


def _site(rng: np.random.Generator, slots: int) -> FloatArray:
    """Draw a site's intensities, clean in 35 % of the slots."""
    clean: list[int] = []
    left = round(_CLEAN * slots)
    while left > 0:
        length = min(left, int(rng.integers(_STRETCH[0], _STRETCH[1] + 1)))
        # What is left over is no stretch of its own.
        length = left if left - length < _STRETCH[0] and left <= _STRETCH[1] else length
        clean.append(length)
        left -= length
    dirty = rng.multinomial(slots - sum(clean), np.full(len(clean) + 1, 1 / (len(clean) + 1)))
    parts = [rng.uniform(300, 600, dirty[0])]
    for length, gap in zip(clean, dirty[1:], strict=True):
        parts += [rng.uniform(0, 20, length), rng.uniform(300, 600, gap)]
    return np.concatenate(parts)


def signal(seed: int, slots: int = SLOTS) -> FloatArray:
    """Draw all sites' intensities of the days before and of the slots (3, PAST + slots)."""
    rng = np.random.default_rng([seed, 35])
    past = [[_site(rng, SLOTS) for _ in range(-(-PAST // SLOTS))] for _ in SITES]
    now = [_site(rng, slots) for _ in SITES]
    rows = zip(past, now, strict=True)
    return np.array([np.append(np.concatenate(days)[-PAST:], ahead) for days, ahead in rows])


@dataclass(frozen=True, kw_only=True)
class Emitted:
    """What one seed emits, gCO2eq.

    Parameters
    ----------
    every_slot
        One site in each slot, the cheapest plan that knows the signal.
    known
        The same turns in any slots, up to two a slot, with the signal known.
    last_value
        The same, where the only forecast is that the last value stays.
    floors_met
        Share of sites that got the turns they are owed, in the latter.
    """

    every_slot: float
    known: float
    last_value: float
    floors_met: float


def played(seed: int, slots: int = SLOTS) -> Emitted:
    """Plan with the signal known, and replay with the last value as the forecast."""
    solvers = chain(5.0)
    values = signal(seed, slots)
    begin = START - PAST * STEP
    times = begin.timestamp() + STEP.total_seconds() * np.arange(PAST + slots, dtype=np.float64)
    actual = _forecast(times, values)
    one = Planner(
        fleet=Fleet.from_clients(
            [Client(name=site, region=site, energy_kwh=1.0, duration=STEP) for site in SITES]
        ),
        cohort_size=1,
        rounds=slots,
        every=STEP,
        fairness=Fairness(min_share="0.5"),
        solvers=solvers,
    )
    any_slots = Planner(
        fleet=one.fleet,
        cohort_size=1,
        rounds=slots,
        every=STEP,
        fairness=one.fairness,
        solvers=solvers,
        cohort_range=(1, 2),
        fewest_rounds=1,
        hours=Hours(deadline=START + slots * STEP),
    )
    flat = tuple(
        # Two values make a series, so it reaches beyond the last slot.
        _forecast(
            np.append(times[j:], times[-1] + STEP.total_seconds()),
            np.repeat(values[:, j - 1 : j], len(times) - j + 1, axis=1),
            times[j],
        )
        for j in range(PAST, PAST + slots)
    )
    recording = Recording(
        issues=Issues(forecasts=flat, source="the last value"),
        actual=actual,
        delay=timedelta(),
        correct=False,
    )
    backtest = HoursBacktest(planner=any_slots, recording=recording, start=START)
    run = backtest.run("ilp", slot_policies(solvers, 2.0)["ilp"])
    return Emitted(
        every_slot=one.plan(START, actual).planned_g,
        known=any_slots.plan(START, actual).planned_g,
        last_value=run.realised_g,
        floors_met=run.floors_met,
    )


def shares(found: Sequence[Emitted]) -> tuple[float, float]:
    """What the known signal and the last value leave of one site in every slot, all seeds."""
    whole = sum(one.every_slot for one in found)
    return sum(one.known for one in found) / whole, sum(one.last_value for one in found) / whole


def _forecast(times: FloatArray, values: FloatArray, issued: float | None = None) -> Forecast:
    return Forecast(
        series={
            site: Series(times=times, values=row) for site, row in zip(SITES, values, strict=True)
        },
        source="made",
        issued_at=None if issued is None else datetime.fromtimestamp(issued, UTC),
    )


def report(command: str, seeds: int) -> str:
    """Play all seeds and write the section."""
    found = [played(seed) for seed in range(seeds)]
    known, last = shares(found)
    spread = [
        float(np.std([one.known / one.every_slot for one in found])),
        float(np.std([one.last_value / one.every_slot for one in found])),
    ]
    every = sum(one.every_slot for one in found) / len(found)
    rows = [
        ["1 in every slot, the signal known", f"{every / 1000:.2f}", "100.0", "0.0"],
        *(
            [name, f"{share * every / 1000:.2f}", f"{100 * share:.1f}", f"{100 * off:.1f}"]
            for name, share, off in zip(
                ("up to 2 in any slots, the signal known", "the last value as the forecast"),
                (known, last),
                spread,
                strict=True,
            )
        ),
    ]
    return "\n".join(
        [
            "## Three sites with a made marginal signal\n",
            f"{command}. {setting()}",
            f"Each site is below 20 g/kWh in {_CLEAN:.0%} of {SLOTS} slots of a quarter of an hour,"
            " in stretches of 1 to 5 hours, and from 300 to 600 g/kWh otherwise; "
            f"{SLOTS} turns of 1 kWh, half shares as floors, {seeds} seeds; +- is the spread over "
            "them. Floors met: "
            f"{100 * min(one.floors_met for one in found):.1f} %.\n",
            table(["", "kg CO2eq", "% of every slot", "+-"], rows),
        ]
    )


def main() -> None:
    """Read the options, play, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    results = Section.of("three-sites", parser, options, apart_from=("out",))
    results.refuse_unless_replaceable(options.out)
    text = report(results.command("benchmarks.three_sites"), options.seeds)
    results.write(options.out, text)
    print(f"Wrote {options.out}")


if __name__ == "__main__":
    main()
