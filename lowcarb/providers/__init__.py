"""Where forecasts come from: one protocol, providers that need no network, and five services.

The public names stand in ``__init__.pyi``; services are loaded when they are used, so those who
read CSV files need no HTTP.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
