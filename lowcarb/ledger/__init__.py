"""The durable account of trainings, in one SQLite file."""

from lowcarb.ledger.book import Book, Ledger
from lowcarb.ledger.faults import may_pass

__all__ = ["Book", "Ledger", "may_pass"]
