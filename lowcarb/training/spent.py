"""What the turns of a training have used so far, for budgets and rest."""

from collections.abc import Sequence

import numpy as np

from lowcarb.ledger.entries import BookedRound
from lowcarb.planning.history import Spent


def spent_of(booked: Sequence[BookedRound], clients: Sequence[str]) -> Spent:
    """Add up what clients' turns have used, lost ones too.

    Grams are those that came true where they are known, else those of the forecast; a turn of which
    neither is known counts none.

    Parameters
    ----------
    booked
        Rounds that are over.
    clients
        n names; turns of others are left out.
    """
    place = {name: i for i, name in enumerate(clients)}
    last = np.zeros(len(clients), dtype=np.int64)
    kwh, grams = np.zeros(len(clients)), np.zeros(len(clients))
    for one in booked:
        for turn in one.turns:
            i = place.get(turn.client)
            if i is not None:
                last[i] = max(last[i], one.number)
                kwh[i] += turn.energy_kwh
                grams[i] += turn.realised_g or 0.0
    return Spent(last=last, kwh=kwh, grams=grams)


def without_grams(booked: Sequence[BookedRound]) -> int:
    """Count the turns whose grams are unknown, and so count for no budget."""
    return sum(turn.realised_g is None for one in booked for turn in one.turns)
