"""How long a client rests that failed, or that was chosen in vain.

After f failures in a row a client rests for 2^f rounds, or a dead one would be chosen for ever.
Where nobody of a cohort was heard it may have been the network's fault: its clients are suspected,
and passed over as long as others can be asked. When others are heard they are blamed; when one of
them is heard itself, none is. Those that were blamed make up no whole cohort of several clients as
long as others can be asked, until they are heard.
"""

from collections.abc import Collection

from lowcarb.training.client_state import ClientState

MOST_REST = 64
"""Rounds of rest, at most; a client that is back deserves another try."""
# So many failures in a row may be chance.
_PERHAPS_CHANCE = 2


def judge(
    asked: Collection[ClientState],
    heard: Collection[ClientState],
    known: Collection[ClientState],
    number: int,
    rounds: int,
) -> list[ClientState]:
    """Take note of who was heard in a round, and let those rest that are to blame.

    Parameters
    ----------
    asked
        The cohort, in which somebody is.
    heard
        Those of the cohort that gave a valid reply.
    known
        All clients.
    number
        Of the round.
    rounds
        Of the whole training.

    Returns
    -------
    list
        Those of the cohort that are blamed for this round.
    """
    for client in asked:
        client.asked, client.passed_over = number, 0
    network = any(client.suspected for client in heard)
    for client in heard:
        client.failures = client.resting = client.rested = client.late = 0
        client.suspected = client.doubted = False
    silent = [client for client in asked if client not in heard]
    if not heard:
        for client in silent:
            client.suspected = True
        return []
    for client in silent:
        client.suspected = False
        _blame(client, number, rounds)
    for client in known:
        if client.suspected and not network:
            client.doubted = True
            # One round at least, for others are there.
            _blame(client, number, rounds, least=1)
        client.suspected = False
    return silent


def pass_over(client: ClientState, number: int, rounds: int) -> None:
    """Let a client rest that was chosen for a round and then not written to.

    It rests for a round, then for 2, 4 and so on, until it is written to. That is no failure.
    """
    client.passed_over += 1
    usual = 1 << (client.passed_over - 1)
    _rest(client, usual, number, rounds, times=client.passed_over)


def late(client: ClientState, number: int, rounds: int) -> None:
    """Take note of a client that a round did not wait for.

    That is no failure, and it rests while it is at work. But one that is late again and again
    would burn its energy for nothing in every round: from the second time on it rests for 2, 4 and
    more rounds, until it is in time.
    """
    client.asked = number
    client.late += 1
    if client.late > 1:
        _rest(client, 1 << (client.late - 1), number, rounds, times=_PERHAPS_CHANCE + 1)


def _blame(client: ClientState, number: int, rounds: int, least: int = 0) -> None:
    client.failures += 1
    usual = 1 << client.failures
    _rest(client, usual, number, rounds, times=client.failures, least=least)


def _rest(
    client: ClientState, usual: int, number: int, rounds: int, *, times: int, least: int = 0
) -> None:
    """Let a client rest after a round.

    Once or twice may be chance: then it must not rest until it cannot repay what it owes, with one
    round to spare. Who owes nothing has nothing to repay.
    """
    rest = usual = min(usual, MOST_REST)
    if client.owed and times <= _PERHAPS_CHANCE:
        rest = max(least, min(usual, rounds - number - client.owed - 1))
    client.resting, client.rested = number + 1 + rest, number + 1 + usual
