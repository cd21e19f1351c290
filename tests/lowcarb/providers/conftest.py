"""No test of providers leaves this machine."""

from tests.helpers.at_home import at_home

__all__ = ["at_home"]
