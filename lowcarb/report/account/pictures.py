"""From an account to its pictures, as far as a ledger has what they need."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import count, printable
from lowcarb.ledger.account import Account
from lowcarb.report.account.cohorts import CohortSizes
from lowcarb.report.pictures.by_round import by_round
from lowcarb.report.pictures.cohort_sizes import cohort_sizes
from lowcarb.report.pictures.cumulative import cumulative
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import FIGURES, looks_of
from lowcarb.report.pictures.turns import Turns, turns_by_client
from lowcarb.report.pictures.working import working
from lowcarb.report.region_schedule import Schedule

_UNKNOWN = "?"
# Of the last round, where there is no other to go by.
_LENGTH = timedelta(hours=1)


def pictures_of(account: Account) -> list[Picture]:
    """Give the pictures of which anything is known."""
    found = [
        _by_round(account),
        _cumulative(account),
        _sizes(account),
        _working(account),
        _turns(account),
    ]
    return [picture for picture in found if picture is not None]


def _by_round(account: Account) -> Picture | None:
    def grams(values: Iterable[float | None]) -> FloatArray:
        return np.array([np.nan if g is None else g for g in values], dtype=np.float64)

    planned = grams(booked.planned_g for booked in account.rounds)
    realised = grams(booked.realised_g for booked in account.rounds)
    if np.isnan([*planned, *realised]).all():
        return None
    return by_round(
        [booked.number for booked in account.rounds],
        planned,
        realised,
        caption="A round without a bar or a dot is unknown. Realised emissions are estimated where "
        "energy was not measured or the actual intensity is not known yet.",
    )


def _cumulative(account: Account) -> Picture | None:
    known = [r for r in account.rounds if r.planned_g is not None and r.realised_g is not None]
    if not known:
        return None
    grams = {
        "planned": np.array([booked.planned_g for booked in known], dtype=np.float64),
        "realised": np.array([booked.realised_g for booked in known], dtype=np.float64),
    }
    if all(booked.random_g is not None for booked in known):
        random = np.array([booked.random_g for booked in known], dtype=np.float64)
        grams = {"random": random, **grams}
    return cumulative(
        grams,
        [booked.number for booked in known],
        names={"planned": "planned", "realised": "realised", "random": "random, expected"},
        looks=looks_of(["random"]) | FIGURES,
        caption=f"Of {count(len(known), 'round')}: those of which planned and realised grams are "
        "known wholly. What random cohorts would emit is by the forecast.",
    )


def _sizes(account: Account) -> Picture | None:
    """Draw the sizes of cohorts where they may differ."""
    sizes = CohortSizes.of(account)
    if sizes is None or not sizes.sizes or account.missing_rounds:
        return None
    return cohort_sizes(
        sizes.sizes,
        first=account.rounds[0].number,
        usual=sizes.usual,
        caption="Clients that were asked in each round, whatever became of their turns.",
    )


def _working(account: Account) -> Picture | None:
    starts = _starts(account)
    if starts is None:
        return None
    levels: dict[tuple[str, int], list[float]] = defaultdict(list)
    clients: dict[tuple[str, int], int] = defaultdict(int)
    for j, booked in enumerate(account.rounds):
        for turn in booked.turns:
            place = (_UNKNOWN if turn.region is None else printable(turn.region), j)
            clients[place] += 1
            level = turn.intensity if turn.actual is None else turn.actual
            if level is not None:
                levels[place].append(level)
    regions = sorted({region for region, _ in clients})
    shape = len(regions), len(account.rounds)
    intensity, at_work = np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
    for (region, j), number in clients.items():
        r = regions.index(region)
        at_work[r, j] = number
        if levels[region, j]:
            intensity[r, j] = np.mean(levels[region, j])
    if np.isnan(intensity).all():
        return None
    known = ~np.isnan(intensity)
    mean = np.where(known, intensity, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    order = np.lexsort((mean, ~known.any(axis=1)))
    return working(
        Schedule(
            regions=tuple(regions[r] for r in order),
            intensity=intensity[order],
            working=at_work[order],
        ),
        starts,
        title="Who works when",
        caption="Dots are clients that were asked, over the intensity that came true, or was "
        "forecast where that is unknown; white where nobody was asked.",
    )


def _starts(account: Account) -> list[datetime] | None:
    """Starts of all rounds and the end of the last; None without work, or if they do not ascend."""
    starts = [booked.start for booked in account.rounds]
    if not account.work:
        return None
    ends = sorted(account.lengths)
    starts.append(starts[-1] + (ends[len(ends) // 2] if ends else _LENGTH))
    return starts if all(before < after for before, after in pairwise(starts)) else None


def _turns(account: Account) -> Picture | None:
    if not account.members or not account.rounds:
        return None
    members = account.members
    return turns_by_client(
        {
            "so far": Turns(
                turns=np.array([account.turns[m.name] for m in members], dtype=np.int64),
                floor=np.array([m.min_rounds for m in members], dtype=np.int64),
                cap=np.array([m.max_rounds for m in members], dtype=np.int64),
                rounds=account.training.rounds,
            )
        },
        [printable(m.name) for m in members],
        [_UNKNOWN if m.region is None else printable(m.region) for m in members],
        names={
            "so far": f"after {account.rounds_over} of {count(account.training.rounds, 'round')}"
        },
        caption="Turns that count, each client against its own floor and cap.",
    )
