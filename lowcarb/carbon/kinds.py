"""Whether the intensities of two sources may be reckoned against each other."""

from collections.abc import Iterable, Mapping

from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.provenance import Provenance, comparable
from lowcarb.errors import InputError


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
