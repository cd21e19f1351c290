"""Why a turn or a seat is missing: the clients and rounds that stand in each other's way.

Where nothing can be rerouted any more, the classes and rounds that a missing turn can reach are a
minimum cut: together those clients owe more turns than those rounds have seats. This proves the
shortage, and it is what a person needs to hear.
"""

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.classes import Classes


def why_turns_are_missing(classes: Classes, counts: IntArray, k: int) -> str:
    """Say why the members of class k cannot get all the turns that they owe."""
    capacity = classes.capacity()
    owed = int(classes.at_least[k])
    members = np.zeros(len(classes), dtype=np.bool_)
    members[k] = True
    slack = classes.problem.slack
    empty = slack.empty(classes.vacant(counts))
    while True:
        crowded = (counts[members] < capacity[members]).any(axis=0)
        emptied = bool((empty > 0)[crowded].any())
        if emptied:
            crowded |= empty < slack.width
        reached = members | (counts[:, crowded] > 0).any(axis=1)
        if (reached == members).all():
            break
        members = reached
    if not crowded.any():
        open_rounds = int((capacity[k] > 0).sum())
        return f"owes {owed}, available in {open_rounds} of {classes.problem.rounds} rounds"
    seats = int(classes.problem.seats[crowded].sum())
    if emptied:
        # So many stay empty there at least.
        seats -= max(0, slack.total - int(slack.width[~crowded].sum()))
    elsewhere = int(capacity[members][:, ~crowded].sum())
    text = (
        f"owes {owed}; {classes.size[members].sum()} clients owe {classes.floor[members].sum()} "
        f"turns together, but share {seats} seats in {crowded.sum()} rounds"
    )
    return f"{text} and have {elsewhere} open turns in the others" if elsewhere else text


def why_seats_are_missing(classes: Classes, counts: IntArray, j: int) -> str:
    """Say why the seats of round j cannot all be filled."""
    capacity = classes.capacity()
    rounds = np.zeros(classes.problem.rounds, dtype=np.bool_)
    rounds[j] = True
    slack = classes.problem.slack
    empty = slack.empty(classes.vacant(counts))
    while True:
        members = (counts[:, rounds] < capacity[:, rounds]).any(axis=1)
        reached = rounds | (counts[members] > 0).any(axis=0)
        if (empty < slack.width)[rounds].any():
            reached |= empty > 0
        if (reached == rounds).all():
            break
        rounds = reached
    seats = int(classes.problem.fewest[j])
    able = classes.ceiling > 0
    there = int(capacity[able, j].sum())
    wanted = f"{seats} seats" if seats > 1 else "1 seat"
    if seats - there == seats - int(counts[:, j].sum()):
        clients = {0: "no client", 1: "only 1 client"}.get(there, f"only {there} clients")
        return f"{wanted}, but {clients} available"
    members &= able
    return (
        f"{wanted}; the {classes.size[members].sum()} clients that could fill more of them may "
        f"take no more than {classes.ceiling[members].sum()} turns in all, and take them"
    )


def why_turns_are_missing_in_all(classes: Classes) -> str:
    """Say why the rounds cannot have all the turns that are planned in all."""
    problem, capacity = classes.problem, classes.capacity()
    able = classes.ceiling > 0
    room = int(np.minimum(problem.seats, capacity[able].sum(axis=0)).sum())
    may = int(np.minimum(classes.ceiling, capacity.sum(axis=1)).sum())
    planned = f"{problem.total} turns planned in all"
    if room < problem.total:
        return f"{planned}, but the rounds have room and clients for only {room}"
    if may < problem.total:
        return f"{planned}, but all clients together may take only {may}"
    return f"{planned}, but clients that may take more are not available where there is room"
