"""The durable account of trainings: who took part, what it burnt, what it emitted."""

from lowcarb.ledger.book import Book
from lowcarb.ledger.faults import may_pass
from lowcarb.ledger.ledger import Ledger

__all__ = ["Book", "Ledger", "may_pass"]
