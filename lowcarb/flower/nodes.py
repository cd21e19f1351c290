"""Asking Flower's grid who is there."""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from flwr.app import ConfigRecord, Message, RecordDict
from flwr.serverapp import Grid

from lowcarb._util.text import listed
from lowcarb.flower.facts import read_facts
from lowcarb.flower.federation_size import how_to_have, is_simulated
from lowcarb.flower.replies import Sent, take_out
from lowcarb.flower.wire import QUESTION, QUESTION_TYPE, RECORD
from lowcarb.training.client_state import Facts

logger = logging.getLogger("flwr.lowcarb")

_PAUSE_S = 1.0
# So often it is said again what is waited for.
_REMIND_S = 60.0
# A simulation on a small machine takes more than a minute to start its workers.
_FACTS_TIMEOUT_S = 300.0
_LATER_TIMEOUT_S = 60.0
# Whoever registers first and then starts a SuperNode needs longer: it takes seconds to start.
_AT_ONCE_S = 2.0
# Flower's codes for messages and replies that got lost, and for nodes that went away.
_LOST = (3, 4, 5)


def wait_for_nodes(
    grid: Grid, wanted: int, seconds: float, sleep: Callable[[float], None] = time.sleep
) -> list[int]:
    """Wait until so many nodes are online, or the time is over; return those that are."""
    waited = 0.0
    while len(online := sorted(grid.get_node_ids())) < wanted and waited < seconds:
        if not waited % _REMIND_S:
            logger.warning(
                "lowcarb: waiting up to %.0f s more for nodes: %d online, %d wanted. To have more: "
                "%s%s. Or ask for fewer (cohort_size, the strategy's min_available_nodes), or for "
                "less patience (wait)",
                seconds - waited,
                len(online),
                wanted,
                how_to_have(grid, wanted),
                "; a simulation gets no more while it runs" if is_simulated(grid) else "",
            )
        sleep(_PAUSE_S)
        waited += _PAUSE_S
    if len(online) < wanted:
        logger.warning(
            "lowcarb: %d of %d nodes are online after %.0f s; going on with them",
            len(online),
            wanted,
            seconds,
        )
    return online


class Reception:
    """Waits for nodes and asks newcomers who they are, round after round.

    Parameters
    ----------
    wait_s
        How long to wait for nodes.
    sleep
        For tests.
    """

    def __init__(self, wait_s: float, sleep: Callable[[float], None]) -> None:
        self._wait_s = wait_s
        self._sleep = sleep
        self._enough: int | None = None
        self._timeout = _FACTS_TIMEOUT_S
        # Nodes of which it was said that they cannot answer.
        self._said: set[int] = set()

    def wait(self, grid: Grid, wanted: int, *, needed: bool = False) -> list[int]:
        """Wait for so many nodes.

        After one vain wait those that were missing are never waited for again, unless so many are
        `needed`: rounds that cannot do with fewer would be used up in no time.
        """
        if self._enough is not None and not needed:
            wanted = max(1, min(wanted, self._enough))
        online = wait_for_nodes(grid, wanted, self._wait_s, self._sleep)
        if len(online) < wanted:
            self._enough = len(online)
        return online

    def ask(self, grid: Grid, strangers: Sequence[int]) -> dict[int, Facts]:
        """Ask strangers for their facts; silent ones delay later rounds only a little."""
        facts = ask_facts(grid, strangers, self._timeout, said=self._said)
        self._said |= {node for node, one in facts.items() if not one.told}
        if strangers:
            self._timeout = _LATER_TIMEOUT_S
        return facts


def ask_facts(
    grid: Grid, nodes: Sequence[int], seconds: float, said: Collection[int] = ()
) -> dict[int, Facts]:
    """Ask nodes for their facts.

    Parameters
    ----------
    grid
        Flower's message bus.
    nodes
        Whom to ask.
    seconds
        How long to wait for answers.
    said
        Nodes of which it was said before that they cannot answer.

    Returns
    -------
    dict
        Facts by node. A client that cannot answer is named by what the SuperLink knows of it, and
        a warning says what may be the cause. Nodes that did not answer in time, or could not be
        reached, are left out.
    """
    if not nodes:
        return {}
    question = RecordDict({RECORD: ConfigRecord({QUESTION: "facts"})})
    messages = [Message(question, node, QUESTION_TYPE) for node in nodes]
    sent = Sent([message.metadata for message in messages])
    replies = list(grid.send_and_receive(messages, timeout=seconds))
    registered = _registered(grid)
    facts: dict[int, Facts] = {}
    errors: list[tuple[str, str]] = []
    matched = sent.match(replies)
    for node in nodes:
        message = matched.get(node)
        if message is None:
            continue
        if message.has_error() and message.error.code in _LOST:
            continue
        answer = None if message.has_error() else message.content.config_records.get(RECORD)
        name, key, lasting = registered.get(node, ("", b"", True))
        facts[node] = read_facts(answer, node, registered=name, public_key=key, lasting=lasting)
        if answer is None and node not in said:
            error = take_out(message).error or "an answer to something else"
            errors.append((facts[node].name, error))
    if errors:
        _say_who_cannot_answer(errors, len(facts))
    if len(facts) < len(nodes):
        logger.warning(
            "lowcarb: %d of %d nodes did not say who they are within %.0f s; they are asked again "
            "before the next round",
            len(nodes) - len(facts),
            len(nodes),
            seconds,
        )
    return facts


def _say_who_cannot_answer(errors: Sequence[tuple[str, str]], of: int) -> None:
    logger.warning(
        "lowcarb: %d of %d clients cannot say who and where they are (%s; the first one: %s). "
        "Either lowcarb.client_mod is not in the mods of their ClientApp: "
        "ClientApp(mods=[lowcarb.client_mod]); or their lowcarb is older than the server's: "
        "upgrade it; or their app cannot be loaded, as where lowcarb is not installed. Until then "
        "they are known by what the SuperLink and a given fleet say of them. The question has run "
        "none of their training, and tracebacks that it left in their logs mean no more than this",
        len(errors),
        of,
        listed([name for name, _ in errors]),
        errors[0][1],
    )


def _registered(grid: Grid) -> dict[int, tuple[str, bytes, bool]]:
    """Name and public key of each node, and whether the key lasts, where Flower tells them.

    A key lasts if the operator registered it. Where the SuperLink authenticates no SuperNodes they
    make a key up when they start, as simulated nodes do, and have another one after a restart.
    """
    if not hasattr(grid, "get_nodes"):
        return {}
    nodes = list(grid.get_nodes())
    names = [str(getattr(node, "name", None) or "") for node in nodes]
    signs = [_by_itself(node) for node in nodes]
    # With authentication no node can sign on by itself; one that does shows that there is none.
    authenticated = True not in signs and (False in signs or any(names))
    found = {}
    for node, name in zip(nodes, names, strict=True):
        key = bytes(getattr(node, "public_key", None) or b"")
        # An operator who gives a name has registered the key.
        found[int(node.node_id)] = name, key, not key or bool(name) or authenticated
    return found


def _by_itself(node: Any) -> bool | None:
    """Whether a node registered its key itself, right before it came online.

    None once it was away: then times no longer tell.
    """
    if getattr(node, "last_deactivated_at", None):
        return None
    try:
        registered, activated = (
            datetime.fromisoformat(text).timestamp()
            for text in (node.registered_at, node.last_activated_at)
        )
    except (AttributeError, TypeError, ValueError):
        # It is not known, and a key that is there counts.
        return False
    return activated - registered < _AT_ONCE_S


def app_of(grid: Grid | None) -> str | None:
    """Flower's name of the app that a grid serves, ``publisher/name``; None where it has none."""
    return getattr(getattr(grid, "run", None), "fab_id", None) or None
