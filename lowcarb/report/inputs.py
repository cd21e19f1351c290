"""What a figure rests on: files with their checksums, signal and accounting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lowcarb._util.checksum import sha256_of_file
from lowcarb.carbon.forecast import Forecast
from lowcarb.replay.recording import Recording
from lowcarb.report.page import Table

_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class InputFile:
    """A file that was read.

    Parameters
    ----------
    role
        What it is, as its option is called.
    name
        As it was given.
    sha256
        Its checksum; None where it could be read only once.
    """

    role: str
    name: str
    sha256: str | None

    def to_dict(self) -> dict[str, str | None]:
        """Write it for JSON, under the names of its fields."""
        return {"role": self.role, "name": self.name, "sha256": self.sha256}


@dataclass(frozen=True)
class _Checksum:
    """A checksum, of which a page shows the begin, and the whole on hover and in its CSV."""

    value: str

    def __str__(self) -> str:
        return f"{self.value[:_SHOWN]}..."

    @property
    def title(self) -> str:
        return self.value


def input_files(given: Mapping[str, str | None]) -> tuple[InputFile, ...]:
    """Take the checksums of files, by their roles; None for a file that was not given.

    Raises
    ------
    InputError
        If one of them cannot be read.
    """
    return tuple(
        InputFile(role=role, name=name, sha256=sha256_of_file(name))
        for role, name in given.items()
        if name is not None
    )


def files_table(files: Sequence[InputFile]) -> Table:
    """List files with the begin of their checksums."""
    return Table(
        title="Files",
        caption="What these figures were computed from. Checksums are SHA-256, whole in the CSV "
        "and where a pointer rests on them: the same file has the same checksum.",
        names=["File", "Name", "Checksum"],
        figures=[],
        rows=[
            (
                one.role,
                one.name,
                "unknown: read from a stream" if one.sha256 is None else _Checksum(one.sha256),
            )
            for one in files
        ],
    )


def signal_sentences(forecasts: Mapping[str, Forecast]) -> list[str]:
    """Say by which intensities figures are, and what they leave out.

    Parameters
    ----------
    forecasts
        What they are, such as "Actual values", to intensities.
    """
    return [
        *(f"{what}: {kind_of(forecast)}." for what, forecast in forecasts.items()),
        *MEANINGS_OF_SIGNALS,
    ]


MEANINGS_OF_SIGNALS = (
    "An average intensity is the mean over all power on the grid: how much of what was emitted is "
    "yours. A marginal one is that of the plant that follows your demand: what changes if you "
    "wait. Lifecycle intensities include the making of plants and fuels, direct ones only what "
    "leaves the chimney. Figures of different kinds must not be compared.",
    "Counted is the energy of training on the clients, with the network and the overhead of a site "
    "where the clients file gives them. Not counted are the server, evaluation, idle hours and the "
    "making of machines.",
)


def signals_of(recording: Recording) -> list[str]:
    """Say by which intensities figures of recorded days are, and what they leave out."""
    known = {"Actual values": recording.actual}
    if not recording.persistent:
        known = {"Forecasts": recording.issues.newest, **known}
    return signal_sentences(known)


def origins_of(recording: Recording, seed: int) -> str:
    """Say where forecasts and actual values come from, and by which seed they were played."""
    forecasts = "yesterday" if recording.persistent else recording.issues.source
    return f"Forecasts: {forecasts}; actual values: {recording.actual.source}; seed {seed}."


def intensities_of(recording: Recording) -> dict[str, Any]:
    """Name kinds of the intensities for JSON; no forecast where yesterday's values are it."""
    return {
        "actuals": kinds_of(recording.actual),
        "forecast": None if recording.persistent else kinds_of(recording.issues.newest),
    }


def kinds_of(forecast: Forecast) -> list[dict[str, str | None]]:
    """Name each signal and accounting of a forecast for JSON; null where it does not say."""
    kinds = {
        (None, None)
        if one.provenance is None
        else (one.provenance.signal, one.provenance.accounting)
        for one in forecast.series.values()
    }
    return [
        {"signal": signal, "accounting": accounting}
        for signal, accounting in sorted(kinds, key=lambda kind: (kind[0] or "~", kind[1] or "~"))
    ]


def kind_of(forecast: Forecast) -> str:
    """Name signal and accounting of a forecast for people; unknown where it does not say."""
    return "; ".join(
        kind_in_words(kind["signal"], kind["accounting"]) for kind in kinds_of(forecast)
    )


def kind_in_words(signal: str | None, accounting: str | None) -> str:
    """Name a signal and an accounting; either may be unknown."""
    return (
        f"{'signal unknown' if signal is None else f'{signal} intensities'}, "
        f"{'accounting unknown' if accounting is None else accounting}"
    )
