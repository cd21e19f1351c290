"""What a training says once before it asks anybody to train: who takes part, on what figures."""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from lowcarb.errors import StrategyError
from lowcarb.training.announcements import opening_line, roster_line
from lowcarb.training.decision import Decision
from lowcarb.training.names import say_whose_names_are_unproven
from lowcarb.training.roster import Roster
from lowcarb.training.settings import Settings
from lowcarb.training.start_table import stand_ins, start_table
from lowcarb.training.terms import Terms

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class FirstWords:
    """Says who takes part, and remembers that it was said.

    Parameters
    ----------
    settings
        What the user asked for.
    terms
        Of the training.
    roster
        Its clients.
    met
        Whether it is known already who is here of those in the ledger, or there are none.
    started
        Whether it was said on what figures the training starts.
    """

    settings: Settings
    terms: Terms
    roster: Roster
    met: bool
    started: bool

    def say_who_is_met(self, before: Collection[str]) -> None:
        """Say who takes part, each time the first clients come, and who joins those of a ledger.

        Parameters
        ----------
        before
            Names of those who were known before the clients that are online were met.
        """
        known = self.roster.known
        new = [name for name in known if name not in before]
        if before and new and not self.met:
            here = sum(known[name].node is not None for name in before)
            logger.warning("lowcarb: %s", roster_line(len(before), here, new))
        self.met = True
        if new and not before:
            line = opening_line(self.roster.members, self.terms, self.settings.fleet)
            logger.info("lowcarb: %s", line)
            if self.settings.limits is not None:
                logger.info("lowcarb: limits: %s", "; ".join(self.settings.limits.texts))
            # Nobody impersonates a client that is only imagined.
            level = logging.WARNING if self.settings.measures else logging.INFO
            say_whose_names_are_unproven(self.roster.members, level)

    def say_start(self, decision: Decision, federation: str) -> None:
        """Say once, before anybody is asked to train, who takes part and on what figures.

        Parameters
        ----------
        decision
            Of the first round in this process.
        federation
            What is to be said of nodes and of evaluation, in lines.

        Raises
        ------
        StrategyError
            If something stands in for what nobody said, and the user wants none of that.
        """
        candidates = self.roster.candidates(decision.number)
        if self.started or candidates is None:
            return
        self.started = True
        logger.info("lowcarb: %s", start_table(candidates, decision.view, federation))
        if self.settings.strict and (found := stand_ins(candidates, decision.view)):
            raise StrategyError(
                f"strict=True, and so the training does not start: {'; '.join(found)}"
            )
