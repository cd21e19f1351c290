"""``lowcarb compare``: policies side by side on recorded days."""

import json
from typing import TYPE_CHECKING, cast

import typer

from lowcarb._util.text import count
from lowcarb.cli import (
    compare_hours,
    days,
    file_options,
    limit_options,
    options,
    playing,
    second_file,
    sweeping,
)
from lowcarb.cli.consoles import literal_console
from lowcarb.cli.errors import reporting
from lowcarb.cli.paths import check_folder, check_inputs, check_output
from lowcarb.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowcarb.carbon.forecast import Forecast
    from lowcarb.carbon.how_written import HowWritten
    from lowcarb.planning.cohort_range import CohortRange
    from lowcarb.planning.planner import Planner
    from lowcarb.replay import (
        Comparison,
        Gap,
        Recording,
        SecondComparison,
        Starts,
        TimedDisruptions,
    )
    from lowcarb.report.inputs import InputFile

EXAMPLE = (
    "Example:  lowcarb compare --forecast examples/issues.csv --actuals examples/actuals.csv "
    "--clients examples/clients.csv --cohort-size 4 --rounds 24"
)


@file_options.with_options("limited", limit_options.LimitOptions)
@file_options.with_options("second", second_file.SecondActuals)
@file_options.with_file_options
@file_options.with_options("played", days.PlayedDays, first=True)
def compare(
    said: file_options.FileOptions,
    second: second_file.SecondActuals,
    limited: limit_options.LimitOptions,
    played: days.PlayedDays,
    cohort_size: options.CohortSize,
    cohort_range: options.CohortRange = None,
    deadline: playing.Deadlines = None,
    min_share: options.MinShare = None,
    min_rounds: options.MinRounds = None,
    policies: playing.Policies = None,
    seeds: playing.Seeds = 20,
    as_json: playing.Json = False,
) -> None:
    """Play policies on recorded days: what each would have saved, and how fair it was.

    With --actuals alone, yesterday's values are the forecast: what a simple forecast gives, beside
    perfect foresight, the most that could have been saved.
    """
    with reporting(as_json=as_json):
        deadlines = sweeping.several(deadline)
        if deadlines is not None:
            days.refuse_beside_hours(deadlines, **limited.given)
        limits = limited.asked()
        of_limits = limit_options.files_of(limits)
        read = {**played.files, "also-actuals": second.also_actuals, **of_limits}
        inputs = list(read.values())
        check_inputs(inputs)
        how = said.how_written()
        how_second = second.how_written(how)
        check_output("report", played.report, inputs=inputs, endings=(".html", ".htm"))
        check_folder("figures", played.figures)
        if deadlines is None:
            names = _names(playing.ALL if policies is None else policies)
        else:
            names = compare_hours.names_of(policies)
            days.refuse_beside_hours(deadlines, also_actuals=second.also_actuals)
        played.check(deadline=deadlines)
        with literal_console(stderr=True).status("Reading ...") as status:
            from lowcarb.fleet.fleet_csv import read_fleet
            from lowcarb.planning.fairness import Fairness
            from lowcarb.planning.planner import Planner
            from lowcarb.planning.rounds_left import check_fewest
            from lowcarb.replay import by_second_signal, gap_to_oracle
            from lowcarb.report.inputs import input_files

            most_rounds, fewest_rounds = played.most_and_fewest
            fleet = read_fleet(played.clients, how.dialect)
            planner = Planner(
                fleet=fleet,
                cohort_size=cohort_size,
                cohort_range=cast("CohortRange | None", cohort_range),  # a text is read there
                rounds=most_rounds,
                every=played.interval,
                fairness=Fairness(
                    min_share=min_share,
                    min_rounds=min_rounds,
                    max_share=played.max_share,
                    max_rounds=played.max_rounds,
                ),
                solvers=played.solvers,
                seed=played.seed,
                limits=limits,
            )
            recording = played.recording(fleet, how)
            if deadlines is not None:
                hours = compare_hours.play_hours(
                    planner,
                    recording,
                    lambda hours: played.begins(recording, planner, hours),
                    compare_hours.deadlines_of(deadlines),
                    names,
                    open_hours=played.open_hours,
                    longest_pause=played.longest_pause,
                    fewest_rounds=fewest_rounds,
                    workers=days.cores(),
                    progress=status.update,
                )
                status.stop()
                compare_hours.print_hours(
                    hours, input_files(read), played.report, played.figures, as_json=as_json
                )
                _say_written(played)
                return
            check_fewest(fewest_rounds, most_rounds, chosen=False, breathes=False)
            begins = played.begins(recording, planner)
            beside = _second(recording, planner, begins, second.also_actuals, how_second)
            found = _play(
                planner,
                recording,
                begins,
                names,
                seeds=seeds,
                disruptions=played.disruptions(planner, how),
                progress=status.update,
            )
            status.update("Summing up ...")
            gap = gap_to_oracle(found)
            also = None if beside is None else by_second_signal(found, beside)
            files = input_files(read)
            _write(found, gap, played.report, played.figures, files, also)
    _print(found, gap, files, also, as_json=as_json)
    _say_written(played)


def _say_written(played: days.PlayedDays) -> None:
    for written in (played.report, played.figures):
        if written is not None:
            typer.echo(f"Wrote {written}", err=True)


def _names(text: str) -> list[str]:
    """Split the names of policies; refuse unknown and repeated ones."""
    from lowcarb.planning.policies import POLICIES
    from lowcarb.replay.names import ORACLE

    names = [name.strip() for name in text.split(",")]
    known = [*POLICIES, ORACLE]
    for name in names:
        if name not in known:
            raise InputError(
                f"policies: expected some of {', '.join(known)}, got {name!r}", field="policies"
            )
        if names.count(name) > 1:
            raise InputError(f"policies: {name} is named twice", field="policies")
    if names == [ORACLE]:
        raise InputError("policies: expected another one beside the oracle", field="policies")
    return names


def _second(
    recording: "Recording",
    planner: "Planner",
    begins: "Starts",
    actuals: str | None,
    how: "HowWritten",
) -> "Forecast | None":
    """Read what came true by a second signal, and check that it is one, before any is played."""
    from lowcarb.carbon.forecast_csv import read_actuals
    from lowcarb.replay.second_signal import require_second

    if actuals is None:
        return None
    actual = read_actuals(actuals, how=how)
    require_second(recording, planner, begins.times, actual)
    for note in actual.notes:
        typer.echo(f"Note: {note}", err=True)
    return actual


def _play(
    planner: "Planner",
    recording: "Recording",
    begins: "Starts",
    names: list[str],
    *,
    seeds: int,
    disruptions: "TimedDisruptions",
    progress: "Callable[[str], None]",
) -> "Comparison":
    from lowcarb.planning.policies import POLICIES, Planned
    from lowcarb.replay import compare
    from lowcarb.replay.names import ILP, ORACLE

    planned = Planned(planner.solvers)
    players = POLICIES | {ILP: planned}

    def say(done: int) -> None:
        progress(f"Played {done} of {count(len(begins.times), 'start')} ...")

    say(0)
    return compare(
        planner,
        recording,
        begins.times,
        {name: players[name] for name in names if name != ORACLE},
        seeds=seeds,
        oracle=planned if ORACLE in names else None,
        disruptions=disruptions,
        split=ORACLE in names,
        about_starts=begins.notes,
        workers=days.cores(),
        progress=say,
    )


def _write(
    found: "Comparison",
    gap: "Gap | None",
    report: str | None,
    figures: str | None,
    files: "tuple[InputFile, ...]",
    second: "SecondComparison | None",
) -> None:
    if report is None and figures is None:
        return
    from lowcarb.report.comparison.html import save_comparison
    from lowcarb.report.comparison.pictures import pictures_of

    pictures = list(pictures_of(found, gap))
    if report is not None:
        save_comparison(found, gap, pictures, report, files, second)
    if figures is not None:
        for picture in pictures:
            picture.save(figures)


def _print(
    found: "Comparison",
    gap: "Gap | None",
    files: "tuple[InputFile, ...]",
    second: "SecondComparison | None",
    *,
    as_json: bool,
) -> None:
    if as_json:
        from lowcarb.report.comparison.as_json import comparison_to_dict
        from lowcarb.report.documents import document

        content = document("compare", comparison_to_dict(found, gap, second), files)
        typer.echo(json.dumps(content, allow_nan=False))
        return
    from lowcarb.cli.compare_text import render

    render(found, gap, literal_console(), second)
