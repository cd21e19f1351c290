"""How a training starts: a table of its clients, and what stands in for what nobody said."""

from collections import Counter
from collections.abc import Iterable, Iterator

from lowcarb._util.text import by_number, count, fitted
from lowcarb.carbon.provenance import Quality
from lowcarb.providers.forecast_view import UNKNOWN, ForecastView
from lowcarb.training.candidates import Candidates
from lowcarb.training.client_state import FigureOrigin

# Rows of the table; of more clients the sums below it say the rest.
_ROWS = 24
_COLUMNS = (("client", 24), ("region", 12), ("online", 6), ("kWh a round", 11), ("figure", 8))
_GOOD = (Quality.FRESH, Quality.CACHED)
_WORDS = {Quality.MISSING: "none"}


def start_table(candidates: Candidates, view: ForecastView, federation: str) -> str:
    """Write the table, at most 80 columns wide; only a command may be longer.

    Parameters
    ----------
    candidates
        Of the first round.
    view
        The intensities it is planned on.
    federation
        What is to be said of nodes and of evaluation, in lines.
    """
    fleet, origins = candidates.fleet, candidates.energy_from
    order = sorted(range(len(fleet)), key=lambda i: by_number(fleet.clients[i]))
    heads = [fitted(head, width) for head, width in _COLUMNS]
    lines = ["the training starts with", "  ".join([*heads, "forecast"])]
    for i in order[:_ROWS]:
        region = candidates.clients[i].member.region
        cells = (
            fleet.clients[i],
            region or "unknown",
            "yes" if candidates.here[i] else "no",
            f"{fleet.energy_kwh[i]:>11.4g}",
            origins[i],
        )
        fit = [fitted(cell, width) for cell, (_, width) in zip(cells, _COLUMNS, strict=True)]
        lines.append("  ".join([*fit, _quality(view, region)]))
    if len(order) > _ROWS:
        lines.append(f"and {count(len(order) - _ROWS, 'client')} more")
    qualities = [_quality(view, client.member.region) for client in candidates.clients]
    lines.append(f"energies: {_sums(origins)}; forecasts: {_sums(qualities)}")
    return "\n".join([*lines, federation])


def stand_ins(candidates: Candidates, view: ForecastView) -> list[str]:
    """Name what stands in for what nobody said, and how to say it; nothing if nothing does."""

    def named(which: Iterable[bool]) -> str:
        names = [c.member.name for c, true in zip(candidates.clients, which, strict=True) if true]
        return ", ".join(sorted(names, key=by_number))

    invented = (FigureOrigin.TYPICAL, FigureOrigin.DEFAULT)
    say = "in their node config, or give a fleet"
    kinds = {
        "no region is known of {} (say region " + say + ")": named(
            client.member.region is None for client in candidates.clients
        ),
        "no energy of a round is known of {} (say power-w and duration-min " + say + ")": named(
            origin in invented for origin in candidates.energy_from
        ),
        "no duration of a round is known of {} (say duration-min " + say + ")": named(
            origin in invented for origin in candidates.duration_from
        ),
    }
    found = [kind.format(names) for kind, names in kinds.items() if names]
    return found + [
        f"no forecast of region {region!r} for this hour (what there is: {_word(quality)})"
        for region, quality in _doubtful(view)
    ]


def _doubtful(view: ForecastView) -> Iterator[tuple[str, Quality]]:
    for region, provenance in view.provenances.items():
        if region != UNKNOWN and provenance.quality not in _GOOD:
            yield region, provenance.quality


def _quality(view: ForecastView, region: str | None) -> str:
    provenance = view.provenances.get(region or UNKNOWN)
    quality = Quality.MISSING if provenance is None else provenance.quality
    return _word(quality)


def _word(quality: Quality) -> str:
    return _WORDS.get(quality, str(quality))


def _sums(what: Iterable[str]) -> str:
    return ", ".join(f"{often} {kind}" for kind, often in Counter(map(str, what)).most_common())
