"""What correction saves where it was not tuned: by broken services, and on days of another month.

Usage::

    python -m benchmarks.untuned --data DIR [--starts 4] [--out FILE]
    python -m benchmarks.untuned --embedded --out FILE
    python -m benchmarks.untuned --smoke

The fleet and the replay are those of ``benchmarks.correction``, from starts in between those on
which its constants were chosen. Rewrites its section of ``benchmarks/RESULTS.md``.
"""

import argparse
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from benchmarks.broken import BROKEN, SHARE, broken
from benchmarks.correction import PARTS, Replays, gains, shares
from benchmarks.days import Days
from benchmarks.results import RESULTS, Section, setting, table
from benchmarks.savings import CLIENTS, COHORT, SEED, SMOKE, Bench, add_days, days_of, name_of
from lowcarb import Forecast
from lowcarb._util.text import count
from lowcarb.carbon.correction_constants import Correction
from lowcarb.replay import Recording

FULL = Bench(rounds=96, turns=((9, 10), (7, None)), starts=4, seeds=0)


def by_service(replays: Replays) -> Iterator[list[str]]:
    """What is saved where services are broken, with and without correction."""
    healthy = replays.recording
    for how in ("healthy", *BROKEN):
        issues = healthy.issues if how == "healthy" else broken(healthy.issues, how, SEED)
        # What comes true is the same, and so are the limits that are kept.
        one = replace(replays, recording=replace(healthy, issues=issues))
        raw, saved = one.saved(None), one.saved(Correction())
        yield [f"{how}, as issued", *shares(raw)]
        yield ["... corrected", *shares(saved)]
        yield ["... gained", *gains(saved, raw)]


def by_part(replays: Replays) -> Iterator[list[str]]:
    """What each part of the correction is worth."""
    raw = replays.saved(None)
    yield ["forecasts as issued", *shares(raw)]
    for name, how in PARTS.items():
        saved = replays.saved(how)
        yield [name, *shares(saved)]
        yield ["... gained", *gains(saved, raw)]


def before_forecasts(recording: Recording, rounds: int) -> Recording | None:
    """Days before the first forecast, yesterday's values in its place; None if they are too few."""
    first = recording.issues.forecasts[0].issued_at
    assert first is not None  # noqa: S101 - recorded issues have one
    series = {}
    for region, one in recording.actual.series.items():
        keep = one.ends <= first.timestamp()
        if int(keep.sum()) < 2 * rounds:
            return None
        series[region] = replace(
            one, times=one.times[keep], values=one.values[keep], until=one.ends[keep]
        )
    actual: Forecast = replace(recording.actual, series=series)
    return Recording.of_history(actual, sorted(series))


def report(bench: Bench, days: Days, command: str) -> str:
    """Play all and write the section."""
    began = perf_counter()
    recording = days.by_accounting["lifecycle"]
    settings = [name_of(*turns) for turns in bench.turns]
    replays = Replays(bench=bench, recording=recording, between=True)
    text = [
        "## Correction where it was not tuned\n",
        f"{command}, on {days.about}. {setting('ortools')}",
        f"{CLIENTS} clients, {COHORT} in each of {bench.rounds} hourly rounds, equal energies, "
        "actual values known 1 h after their end. Share of the oracle's saving that the rolling "
        "plan reaches, by the turns of each client; ± is the standard error of what was gained, "
        "start by start.",
        "\n### Broken services\n",
        f"Of {100 * SHARE:.0f} % of the regions all forecasts are broken; "
        f"{count(len(replays.starts), 'start')} in between those on which constants were chosen.\n",
        table(["forecasts, %", *settings], list(by_service(replays))),
    ]
    before = before_forecasts(recording, bench.rounds)
    if before is not None:
        others = Replays(bench=bench, recording=before)
        text += [
            "\n### Each part, in a month without forecasts\n",
            f"{count(len(others.starts), 'start')} before the first forecast, with yesterday's "
            "values as the forecast: days and forecasts on which no constant was chosen.\n",
            table(["correction, %", *settings], list(by_part(others))),
        ]
    text.append(f"\nAll of this took {(perf_counter() - began) / 60:.0f} min.")
    return "\n".join(text)


def main() -> None:
    """Read the options, replay, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_days(parser)
    parser.add_argument("--starts", type=int, default=FULL.starts)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--smoke", action="store_true", help="tiny, on the embedded scenario")
    options = parser.parse_args()
    days = days_of(parser, options)
    results = Section.of(
        "untuned", parser, options, apart_from=("data", "out"), more=days.departures
    )
    where = "" if options.data is None else " --data DIR"
    command = results.command(f"benchmarks.untuned{where}")
    if options.smoke:
        print(report(replace(SMOKE, rounds=8, turns=((0, None),), starts=1), days, command))
        return
    results.refuse_unless_replaceable(options.out)
    results.write(options.out, report(replace(FULL, starts=options.starts), days, command))
    print(f"Wrote {options.out}")


if __name__ == "__main__":
    # That forecasts are broken is no news here.
    logging.getLogger("lowcarb").setLevel(logging.ERROR)
    main()
