"""A Flower app whose model counts how it was trained."""
