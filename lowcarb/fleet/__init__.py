"""Who the clients are: regions, energies, durations, bounds, and when they are online."""
