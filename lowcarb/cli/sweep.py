"""``lowcarb sweep``: recorded days over lists of min shares and cohort sizes."""

import csv
import io
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from lowcarb.cli import days, file_options, limit_options, sweeping
from lowcarb.cli.consoles import literal_console
from lowcarb.cli.errors import reporting
from lowcarb.cli.option_names import option_names
from lowcarb.cli.paths import (
    STANDARD,
    check_folder,
    check_inputs,
    check_output,
    check_standard_output,
    write_output,
)
from lowcarb.cli.progress import progress_bar
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from lowcarb.planning.asked_limits import AskedLimits
    from lowcarb.replay import FinishedTasks, Processes, RayCluster, Sweep
    from lowcarb.report.inputs import InputFile

EXAMPLE = (
    "Example:  lowcarb sweep --forecast examples/issues.csv --actuals examples/actuals.csv "
    "--clients examples/clients.csv --min-share 0,0.5,1 --cohort-size 2,4 --rounds 24"
)
# The first two are part of each task, `every` is written in seconds, the others change no figure.
_NOT_FIXED = ("starts", "start", "every", "report", "figures")
_STOPPED = 130  # what shells give for a program that Ctrl-C ended


@file_options.with_options("limited", limit_options.LimitOptions)
@file_options.with_file_options
@file_options.with_options("played", days.PlayedDays, first=True)
def sweep(
    said: file_options.FileOptions,
    limited: limit_options.LimitOptions,
    played: days.PlayedDays,
    cohort_size: sweeping.CohortSizes,
    cohort_range: sweeping.CohortRanges = None,
    deadline: sweeping.Deadlines = None,
    min_share: sweeping.MinShares = "0,0.25,0.5,0.75,1",
    jobs: sweeping.Jobs = None,
    ray: sweeping.Ray = None,
    resume: sweeping.Resume = None,
    out: sweeping.Out = None,
    as_json: sweeping.Json = False,
) -> None:
    """Play recorded days with several floors and cohort sizes: what fairness costs in carbon.

    Each point of the curve is what compare finds for it. A task for each point and start keeps all
    cores, or a Ray cluster, at work; with --resume a sweep that was stopped goes on.
    """
    with reporting(as_json=as_json):
        deadlines = sweeping.several(deadline)
        if deadlines is not None:
            days.refuse_beside_hours(deadlines, **limited.given)
        limits = limited.asked()
        read = {**played.files, **limit_options.files_of(limits)}
        inputs = list(read.values())
        check_inputs(inputs)
        how = said.how_written()
        check_standard_output(out, as_json=as_json)
        check_output("report", played.report, inputs=inputs, endings=(".html", ".htm"))
        check_output("out", out, inputs=inputs, outputs=[played.report], standard=True)
        check_output("resume", resume, inputs=inputs, outputs=[played.report, out])
        check_folder("figures", played.figures)
        sizes, shares = sweeping.sizes(cohort_size), sweeping.shares(min_share)
        played.check(deadline=deadlines)
        executor = _executor(jobs, ray)
        with literal_console(stderr=True).status("Reading ..."):
            from lowcarb.fleet.fleet_csv import read_fleet
            from lowcarb.planning.fairness import Fairness
            from lowcarb.planning.planner import Planner
            from lowcarb.planning.rounds_left import check_fewest
            from lowcarb.replay import sweep as play
            from lowcarb.report.inputs import input_files

            files = input_files(read)
            rounds, fewest = played.most_and_fewest
            check_fewest(
                fewest, rounds, chosen=deadlines is not None, breathes=cohort_range is not None
            )
            fleet = read_fleet(played.clients, how.dialect)
            planner = Planner(
                fleet=fleet,
                cohort_size=1,  # every point has its own
                rounds=rounds,
                every=played.interval,
                fairness=Fairness(
                    min_share=0, max_share=played.max_share, max_rounds=played.max_rounds
                ),
                solvers=played.solvers,
                seed=played.seed,
                limits=limits,
            )
            recording = played.recording(fleet, how)
            hours = sweeping.hours(deadlines)
            begins = played.begins(recording, planner, hours)
            disruptions = None if hours else played.disruptions(planner, how)
        with (
            _finished(resume, files, _fixed(said, played, limits)) as finished,
            progress_bar("Playing") as bar,
            _interruptible(resume, bar) as told,
        ):
            found = play(
                planner,
                recording,
                begins.times,
                min_shares=shares,
                cohort_sizes=sizes,
                cohort_ranges=sweeping.several(cohort_range),
                deadlines=deadlines,
                open_hours=played.open_hours,
                longest_pause=played.longest_pause,
                fewest_rounds=fewest,
                disruptions=disruptions,
                about_starts=begins.notes,
                executor=executor,
                finished=finished,
                progress=told,
            )
        _write(found, played.report, played.figures, out, files)
    _print(found, files, as_json=as_json, aside=out == STANDARD)
    for written in (played.report, played.figures, None if out == STANDARD else out):
        if written is not None:
            typer.echo(f"Wrote {written}", err=True)


def _fixed(
    said: file_options.FileOptions, played: days.PlayedDays, limits: "AskedLimits | None"
) -> dict[str, Any]:
    """What all tasks of a file rest on beside files, as options: what is no part of a task."""
    left_out, names = (*played.files, *_NOT_FIXED), option_names()
    given = {**asdict(said), **asdict(played)}
    fixed = {names[name]: value for name, value in given.items() if name not in left_out}
    texts = None if limits is None else "; ".join(limits.texts)
    return {**fixed, "every_s": played.interval.total_seconds(), "limits": texts}


def _executor(jobs: int | None, ray: str | None) -> "Processes | RayCluster":
    """Choose where tasks are done; refuse what is not there before anything is read."""
    from lowcarb._util.arguments import check_number
    from lowcarb.replay import Processes, RayCluster

    if ray is None:
        if jobs is not None:
            check_number("jobs", jobs, 1)
        return Processes(workers=days.cores() if jobs is None else jobs)
    if jobs is not None:
        raise InputError(
            "expected --jobs or --ray, got both; a cluster has its own processors", field="jobs"
        )
    cluster = RayCluster(address=ray)
    cluster.require()
    return cluster


@contextmanager
def _finished(
    resume: str | None, files: "tuple[InputFile, ...]", fixed: Mapping[str, Any]
) -> "Iterator[FinishedTasks | None]":
    """Open the file of finished tasks, if there is to be one, and say what it holds."""
    if resume is None:
        yield None
        return
    from lowcarb._version import __version__
    from lowcarb.replay import FinishedTasks

    for one in files:
        if one.sha256 is None:
            raise InputError(
                f"resume: expected files that can be read again, got a stream for {one.role}; "
                "write it into a file first",
                file=one.name,
                field="resume",
            )
    sums = {one.role: f"sha256 {one.sha256}" for one in files}
    given = {name: value for name, value in fixed.items() if value is not None}
    inputs = {"lowcarb_version": __version__, **sums, **given}
    with FinishedTasks.opened(resume, inputs) as finished:
        for note in finished.notes:
            typer.echo(f"{note}.", err=True)
        if len(finished):
            about = "those of this sweep are not done again"
            typer.echo(f"{resume}: holds {len(finished)} finished tasks; {about}.", err=True)
        yield finished


@contextmanager
def _interruptible(
    resume: str | None, show: Callable[[int, int], None]
) -> Iterator[Callable[[int, int], None]]:
    """Show how many tasks are done; of an interruption say what is kept, and how to go on."""
    so_far = [0, 0]

    def told(done: int, of: int) -> None:
        so_far[:] = done, of
        show(done, of)

    try:
        yield told
    except KeyboardInterrupt:
        done = f"{so_far[0]} of {so_far[1]} tasks"
        if not so_far[1]:
            typer.echo("Stopped before the first task.", err=True)
        elif resume is None:
            typer.echo(
                f"Stopped after {done}, which are lost; with --resume FILE they would be kept.",
                err=True,
            )
        else:
            again = shlex.join(["lowcarb", *sys.argv[1:]])
            typer.echo(f"Stopped: {done} are kept in {resume}. To go on:\n  {again}", err=True)
        raise typer.Exit(_STOPPED) from None


def _write(
    found: "Sweep",
    report: str | None,
    figures: str | None,
    out: str | None,
    files: "tuple[InputFile, ...]",
) -> None:
    if out is not None:
        write_output(out, _csv(found).encode())
    if report is None and figures is None:
        return
    from lowcarb.report.sweep.html import save_sweep
    from lowcarb.report.sweep.pictures import pictures_of

    pictures = list(pictures_of(found))
    if report is not None:
        save_sweep(found, pictures, report, files)
    if figures is not None:
        for picture in pictures:
            picture.save(figures)


def _csv(found: "Sweep") -> str:
    """Write the rows of a sweep; what is unknown is blank."""
    rows = found.rows()
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _print(found: "Sweep", files: "tuple[InputFile, ...]", *, as_json: bool, aside: bool) -> None:
    if as_json:
        from lowcarb.report.documents import document
        from lowcarb.report.sweep.as_json import sweep_to_dict

        typer.echo(json.dumps(document("sweep", sweep_to_dict(found), files), allow_nan=False))
        return
    from lowcarb.cli.sweep_text import render

    render(found, literal_console(stderr=aside))
