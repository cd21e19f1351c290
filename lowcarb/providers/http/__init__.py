"""Asking a web service: one deadline, retries, limits, secrets that no message shows."""
