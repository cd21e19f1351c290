"""What a power grid emits: forecasts of carbon intensity, where they come from, typical days."""
