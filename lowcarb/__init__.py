"""Lowcarb: carbon-aware federated learning.

Each round's cohort is chosen by an integer program that minimises forecast carbon intensity times
workload energy, with a floor under each client's turns. The public names stand in ``__init__.pyi``;
each is loaded when it is used, so ``import lowcarb`` costs next to nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
