"""Forecast services, one file a service."""
