"""A fleet of a million clients from CSV to plan, as a user would run it.

Usage::

    python -m benchmarks.fleet [--clients 1000000] [--runs 3]

Writes a clients CSV (26 regions x 5 hardware levels) and a forecast CSV into a temporary folder and
runs `lowcarb plan` on them; prints seconds for reading and for planning, and the peak memory of the
largest process.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.instances import diurnal

REGIONS, HARDWARE, ROUNDS = 26, 5, 24


def write_files(folder: Path, clients: int) -> tuple[Path, Path]:
    """Write a forecast CSV and a clients CSV."""
    rng = np.random.default_rng(0)
    names = [f"R{r:02d}" for r in range(REGIONS)]
    forecast, fleet = folder / "forecast.csv", folder / "clients.csv"
    with forecast.open("w") as stream:
        stream.write(",".join(["time_utc", *names]) + "\n")
        for hour, row in enumerate(diurnal(REGIONS, ROUNDS, rng).T):
            values = ",".join(f"{value:.1f}" for value in row)
            stream.write(f"2022-07-15T{hour:02d}:00:00Z,{values}\n")
    energy = np.geomspace(0.02, 0.4, HARDWARE).round(4)
    region, level = rng.integers(0, REGIONS, clients), rng.integers(0, HARDWARE, clients)
    with fleet.open("w") as stream:
        stream.write("client,region,energy_kwh,duration_min\n")
        stream.writelines(
            f"phone-{i},{names[r]},{energy[e]},60\n"
            for i, (r, e) in enumerate(zip(region, level, strict=True))
        )
    return forecast, fleet


def run(forecast: Path, fleet: Path, cohort_size: int) -> tuple[float, float, float, str]:
    """Run `lowcarb plan` once; return total and planning seconds, peak MB, and who answered."""
    began = perf_counter()
    process = subprocess.Popen(  # noqa: S603
        [
            *(sys.executable, "-m", "lowcarb", "plan", "--json"),
            *("--forecast", str(forecast), "--clients", str(fleet)),
            *("--cohort-size", str(cohort_size), "--rounds", str(ROUNDS)),
        ],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    content = json.loads(process.stdout.read())
    process.stdout.close()
    _, _, usage = os.wait4(process.pid, 0)
    who = f"{content['status']} by {content['solver']}"
    return perf_counter() - began, content["seconds"], usage.ru_maxrss / 1024, who


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        forecast, fleet = write_files(Path(folder), options.clients)
        cohort_size = max(1, options.clients // 1000)
        found = [run(forecast, fleet, cohort_size) for _ in range(options.runs)]
    total, plan, peak, who = zip(*found, strict=True)
    rest = median(t - p for t, p in zip(total, plan, strict=True))
    print(
        f"{options.clients:,} clients x {ROUNDS} rounds, cohort {cohort_size:,}, "
        f"medians of {options.runs}: {who[0]}\n"
        f"planning {median(plan):.2f} s, reading and everything else {rest:.2f} s, "
        f"peak {max(peak):.0f} MB"
    )


if __name__ == "__main__":
    main()
