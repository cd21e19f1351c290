"""The durable account of trainings, in one SQLite file."""

from lowcarb.ledger.book import Book, Ledger

__all__ = ["Book", "Ledger"]
