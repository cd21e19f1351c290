"""Where a ledger can be kept when the disk of its server is wiped: stores of whole objects."""
