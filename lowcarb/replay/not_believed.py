"""Whose forecasts failed on the days that were played, in words."""

from collections.abc import Collection, Sequence
from datetime import datetime

from lowcarb._util.text import count
from lowcarb.carbon.correction import Corrector

# So many are said in full.
_SAID = 6


def not_believed(
    corrector: Corrector | None,
    regions: Collection[str],
    windows: Sequence[tuple[datetime, datetime]],
) -> tuple[str, ...]:
    """Say of which regions forecasts failed or were off by a steady factor, each finding once.

    Parameters
    ----------
    corrector
        Corrects and guards; None where nothing does.
    regions
        Of the clients.
    windows
        What was played, from and to.
    """
    if corrector is None:
        return ()
    found = {
        (verdict.since, verdict.region): verdict.sentence
        for begin, end in windows
        for verdict in corrector.verdicts_over(begin, end)
        if verdict.region in regions
    }
    said = [found[key] for key in sorted(found)]
    more = len(said) - _SAID
    if more > 0:
        said[_SAID:] = [f"{count(more, 'more finding')} of this kind about forecasts"]
    return tuple(said)
