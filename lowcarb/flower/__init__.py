"""Lowcarb inside Flower: the only folder that imports flwr."""
