"""What the command line adds to the start of an empty typer program.

Usage::

    python -m benchmarks.startup [--runs 21] [--smoke]

Starts `lowcarb --help` and the help of a typer program with one empty command by turns, both as
modules of the same interpreter, and prints the median seconds of each and the median of their
ratios, pair by pair: what else the machine does at the time weighs on both.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

EMPTY = '''\
"""An empty typer program."""

import typer

app = typer.Typer()


@app.command()
def nothing() -> None:
    """Do nothing."""


if __name__ == "__main__":
    app()
'''


def seconds(module: str, path: str) -> float:
    """Start a module with `--help` and wait for its end."""
    began = perf_counter()
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, "--help"],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )
    return perf_counter() - began


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--smoke", action="store_true", help="one pair")
    options = parser.parse_args()
    runs = 1 if options.smoke else options.runs
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.py").write_text(EMPTY)
        path = os.pathsep.join([folder, *sys.path])
        for module in ("empty", "lowcarb"):  # the first start compiles
            seconds(module, path)
        pairs = [(seconds("empty", path), seconds("lowcarb", path)) for _ in range(runs)]
    empty, ours = (median(column) for column in zip(*pairs, strict=True))
    ratio = median(b / a for a, b in pairs)
    print(
        f"help, medians of {runs}: empty typer program {empty:.3f} s, lowcarb {ours:.3f} s, "
        f"ratio {ratio:.2f}"
    )


if __name__ == "__main__":
    main()
