"""Measurements against peers, and the problems they share with the tests."""
