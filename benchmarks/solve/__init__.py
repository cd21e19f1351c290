"""Lowcarb's solvers beside every peer, all in one run; see `benchmarks.solve.__main__`."""
