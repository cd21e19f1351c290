"""Whether intensities of two sources are of one kind, or of two that stand side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from lowcarb._util.text import listed
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.provenance import Accounting, Provenance, Signal, comparable
from lowcarb.errors import InputError

_ANSWERS = {
    Signal.AVERAGE: "emissions by location (attributional): what a report by the location-based "
    "method of the GHG Protocol's Scope 2 states",
    Signal.MARGINAL: "consequence of the choice (consequential): what is emitted more or less "
    "because of it",
}
# Scope 2 counts what leaves the power plant; what comes before it is Scope 3.
_LIFECYCLE = (
    "emissions by location (attributional), of which a report by the location-based method of the "
    "GHG Protocol's Scope 2 states the direct part"
)


class Kind(NamedTuple):
    """Of which kind intensities are; None where a source does not say."""

    signal: str | None = None
    accounting: str | None = None

    @classmethod
    def of(cls, provenance: Provenance | None) -> "Kind":
        """Take the kind that a source says."""
        return cls() if provenance is None else cls(provenance.signal, provenance.accounting)

    def __str__(self) -> str:
        return ", ".join(part for part in self if part) or "of a kind that nobody said"

    @property
    def answers(self) -> str:
        """Which question emissions by such intensities answer, for people."""
        if self.signal is None:
            return "nobody said"
        if self == (Signal.AVERAGE, Accounting.LIFECYCLE):
            return _LIFECYCLE
        return _ANSWERS[Signal(self.signal)]

    def differs(self, other: "Kind") -> bool:
        """Whether it is known to be another kind: what a source does not say does not differ."""
        return not all(map(comparable, self, other))


def require_comparable(
    one: Forecast, other: Forecast, regions: Iterable[str] | None = None
) -> None:
    """Refuse intensities of another signal or accounting; marginal is never ranked with average.

    Parameters
    ----------
    one, other
        A source that does not say of which kind it is fits all.
    regions
        Those that matter; all by default.

    Raises
    ------
    InputError
        Names both sources, the region and the kinds.
    """
    planned = {
        region: provenance
        for region in (one.series if regions is None else regions)
        if region in one.series and (provenance := one.series[region].provenance) is not None
    }
    require_kind(planned, other, one.source)


def require_kind(
    planned: Mapping[str, Provenance], came_true: Forecast, source: str = "the ledger"
) -> None:
    """Refuse intensities of another kind than those that were planned with.

    Parameters
    ----------
    planned
        By region.
    came_true
        What is to be reckoned against them.
    source
        Where the plan's come from, for messages.

    Raises
    ------
    InputError
        Names both sources, the region and the kinds.
    """
    for region, ours in planned.items():
        theirs = came_true.series[region].provenance if region in came_true.series else None
        if theirs is None:
            continue
        for name in ("signal", "accounting"):
            mine, its = getattr(ours, name), getattr(theirs, name)
            if not comparable(mine, its):
                raise InputError(
                    f"region {region!r} has {its} intensities here and {mine} ones in {source}, "
                    "and they are never reckoned against each other; give both of one "
                    f"{name}",
                    file=came_true.source,
                    field=name,
                )


def second_kind(
    first: Iterable[Provenance | None], second: Forecast, regions: Iterable[str]
) -> Kind:
    """Return the kind of a second signal, which is another one than the first.

    Parameters
    ----------
    first
        Where the intensities of the first signal come from.
    second
        The intensities that are to stand beside them.
    regions
        Those of the clients.

    Raises
    ------
    InputError
        If the second knows none of the regions, is of several kinds, or is not known to be of
        another kind than the first.
    """
    known = [region for region in regions if region in second.series]
    if not known:
        raise InputError(
            "has none of the clients' regions, so there is nothing to put beside; it has "
            f"{listed(sorted(second.series))}",
            file=second.source,
            field="region",
        )
    kinds = kinds_said(second.series[region].provenance for region in known)
    if len(kinds) > 1:
        raise InputError(
            f"has intensities of {len(kinds)} kinds ({'; '.join(map(str, kinds))}), and a sum over "
            "them means nothing; give one of them",
            file=second.source,
            field="signal",
        )
    for one in kinds_said(first):
        require_other_kind(one, kinds[0], second.source)
    return kinds[0]


def kinds_said(provenances: Iterable[Provenance | None]) -> tuple[Kind, ...]:
    """List the kinds of some intensities, each once; those that say no signal if all do not.

    Where typical days stand in nothing is said: such a region is reckoned beside the others. Who
    says the signal alone is of the kind of those that say more.
    """
    kinds = {Kind.of(one) for one in provenances}
    said = {kind for kind in kinds if kind.signal} or kinds
    whole = {
        kind
        for kind in said
        if not any(
            kind.accounting is None and kind.signal == o.signal and o.accounting for o in said
        )
    }
    return tuple(sorted(whole, key=str))


def require_other_kind(first: Kind, second: Kind, source: str) -> None:
    """Refuse a second signal of which nobody knows that it is another one than the first.

    Parameters
    ----------
    first, second
        Of which kind the intensities of each are.
    source
        Where the second come from, for messages.

    Raises
    ------
    InputError
        Names the kinds, and what has to be said.
    """
    field, why = _why_not_second(first, second)
    if why:
        raise InputError(why, file=source, field=field)


def _why_not_second(first: Kind, second: Kind) -> tuple[str, str]:
    """Say which part of a kind is no other one, and what to do; blank if it is another kind."""
    if second.signal is None:
        return "signal", (
            "does not say whether its intensities are average or marginal, so they cannot stand "
            "beside others; say it of this source (--also-signal, or signal= of a provider)"
        )
    if first.signal is None:
        return "signal", (
            f"has {second} intensities, but what is planned by does not say whether it is average "
            "or marginal; say it of that source (--signal, or signal= of a provider)"
        )
    if first.differs(second):
        return "", ""
    if None in (first.accounting, second.accounting):
        return "accounting", (
            f"has {second} intensities, and what is planned by is {first} as well; give the other "
            "signal, or, if one counts lifecycle and one direct emissions, say so of both "
            "(--accounting and --also-accounting)"
        )
    return "signal", (
        f"has {second} intensities, and what is planned by is {first} as well; a second signal is "
        "of another kind, such as marginal beside average"
    )


def saying(forecast: Forecast, kind: Kind) -> Forecast:
    """Return a forecast of a kind that is known from elsewhere, where it does not say one."""

    def said(region: str, series: Series) -> Series:
        origin = series.provenance or Provenance(provider=forecast.source, zone=region)
        return replace(
            series,
            provenance=replace(
                origin,
                signal=origin.signal or kind.signal,
                accounting=origin.accounting or kind.accounting,
            ),
        )

    return replace(
        forecast, series={name: said(name, one) for name, one in forecast.series.items()}
    )
