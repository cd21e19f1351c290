"""Whose a name is.

A name belongs to the key that used it first: a node that claims it with another key, or with none,
takes part under a name of its own. Where nodes have no keys it belongs to the node that used it
first, as long as that one is online and answers; then it passes on, or a client that comes back on
another node could not. What the operator registered, with the SuperLink, comes before both.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from lowcarb._util.text import count
from lowcarb.ledger.entries import Member
from lowcarb.training.client_state import Facts

logger = logging.getLogger(__name__)

# Digits of a key's fingerprint that tell it from others, in names and for people.
_DIGITS = 16
# A client that cannot say who it is is asked again after 64 rounds at the latest.
_MOST_DOUBLINGS = 6


def own_name(node: int, key: str | None) -> str:
    """Name a node that has no other name, by its key if it has one.

    Parameters
    ----------
    node
        Flower's number of the node.
    key
        Fingerprint of its public key; None without one.
    """
    return f"node-{node}" if key is None else f"key-{key[:_DIGITS]}"


def say_whose_names_are_unproven(members: Collection[Member], level: int) -> None:
    """Say of how many clients the names are only what they say of themselves.

    Parameters
    ----------
    members
        The clients.
    level
        Of the log.
    """
    unproven = sum(member.key is None for member in members)
    if unproven:
        logger.log(
            level,
            "lowcarb: names of %d of %s are not bound to a key: any node could claim them; where "
            "the SuperLink authenticates SuperNodes they are",
            unproven,
            count(len(members), "client"),
        )


class Names:
    """Who the nodes say they are, and which of them is believed."""

    def __init__(self) -> None:
        # In the order in which nodes first used the names that they have.
        self._facts: dict[int, Facts] = {}
        self._present: set[int] = set()
        self._users: dict[str, int] = {}
        # Nodes whose last turn failed, and what was said of those that claimed another one's name.
        self._failed: set[int] = set()
        self._said: set[tuple[int, str]] = set()
        # Of nodes that could not answer: how often they were asked, and rounds until the next time.
        self._unheard: dict[int, tuple[int, int]] = {}

    def remember(self, other: "Names") -> None:
        """Know who was there, and what they had said, in the same training before."""
        self._facts, self._present = dict(other._facts), set(other._present)
        self._users, self._said = dict(other._users), set(other._said)
        self._failed, self._unheard = set(other._failed), dict(other._unheard)

    def strangers(self, online: Iterable[int]) -> list[int]:
        """Nodes that have not said who they are, or were away since: they may have moved.

        One that could not answer is asked again after 1, 2, 4 and more rounds.
        """
        asked = []
        for node in online:
            times, left = self._unheard.get(node, (0, 0))
            if node not in self._facts or node not in self._present or (times and left <= 1):
                asked.append(node)
            elif times:
                self._unheard[node] = times, left - 1
        return asked

    def answered(self, node: int | None) -> None:
        """Take note that a node did its turn."""
        if node is not None:
            self._failed.discard(node)

    def failed(self, node: int | None) -> None:
        """Take note that a node failed in its turn, or was silent."""
        if node is not None:
            self._failed.add(node)

    def meet(
        self, online: Iterable[int], facts: Mapping[int, Facts], keys: Mapping[str, str | None]
    ) -> tuple[dict[str, int], dict[int, Facts]]:
        """Take note of who is online, and say who is who.

        Parameters
        ----------
        online
            Nodes.
        facts
            Of nodes that were strangers.
        keys
            To whom names belong, by name.

        Returns
        -------
        tuple of dict and dict
            The node that uses each name; and what is said by nodes that could answer now, or use
            another name than before, under the names that they really get.
        """
        self._present = set(online)
        for node, said in facts.items():
            times, _ = self._unheard.pop(node, (0, 0))
            if not said.told:
                self._unheard[node] = times + 1, 1 << min(times, _MOST_DOUBLINGS)
        # A client that cannot answer now is still the one that it was.
        facts = {n: said for n, said in facts.items() if said.told or n not in self._facts}
        for node, said in sorted(facts.items()):
            before = self._facts.get(node)
            if before is not None:
                # Its key is the same; one that it made up looks like a lasting one later on.
                said = replace(said, key=before.key, lasting=before.lasting)
                if before.name != said.name:
                    del self._facts[node]
            self._facts[node] = said
            # Who was away has not failed since.
            self._failed.discard(node)
        names = {node: said.name for node, said in self._facts.items() if node in self._present}
        users, refused = self._find_users(names, keys)
        while refused:
            # Its own name is nobody else's, so each node is refused once.
            names |= {node: self._vouched(node)[0] for node in refused}
            users, refused = self._find_users(names, keys)
        self._say_who_is_refused(names)
        self._say_who_is_double(names, users)
        new = {node for name, node in users.items() if self._users.get(name) != node}
        self._users = users
        return users, {n: self._facts[n].renamed(names[n]) for n in names if n in new | set(facts)}

    def key_of(self, node: int) -> str | None:
        """Return the fingerprint of a node's key; None where names cannot belong to it."""
        said = self._facts[node]
        return said.key if said.lasting else None

    def _vouched(self, node: int) -> list[str]:
        """Names of a node for which the SuperLink vouches, the best one first."""
        said = self._facts[node]
        return [*([said.registered] if said.registered else []), own_name(node, self.key_of(node))]

    def _find_users(
        self, names: Mapping[int, str], keys: Mapping[str, str | None]
    ) -> tuple[dict[str, int], list[int]]:
        """Find the node that uses each name, and those that must not use theirs."""
        users: dict[str, int] = {}
        refused = []
        owners = dict(keys)

        def vouched(node: int) -> bool:
            return names[node] in self._vouched(node)

        for node in sorted(names, key=lambda node: (node in self._failed, not vouched(node))):
            name, key = names[node], self._facts[node].key
            if not vouched(node) and owners.get(name) not in (None, key):
                refused.append(node)
            elif name not in users:
                users[name] = node
                owners[name] = self.key_of(node) or owners.get(name)
        return users, refused

    def _say_who_is_refused(self, names: Mapping[int, str]) -> None:
        for node, name in names.items():
            claimed = self._facts[node].name
            if name == claimed or not self._first_time(node, claimed):
                continue
            logger.warning(
                "lowcarb: node %d calls itself %r, a name that belongs to another key; it takes "
                "part as %r: give it a client-id of its own, or, if that client has a new key, "
                "register the key under the name, by flwr supernode register --name; "
                "resume=False begins a training in which names belong to nobody yet",
                node,
                claimed,
                name,
            )

    def _say_who_is_double(self, names: Mapping[int, str], users: Mapping[str, int]) -> None:
        for node, name in names.items():
            if users[name] == node or not self._first_time(node, name):
                continue
            logger.warning(
                "lowcarb: nodes %d and %d both call themselves %r; only the first is used as "
                "long as it answers: give each client a client-id of its own",
                users[name],
                node,
                name,
            )

    def _first_time(self, node: int, name: str) -> bool:
        new = (node, name) not in self._said
        self._said.add((node, name))
        return new
