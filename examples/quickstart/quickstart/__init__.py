"""A plain Flower app in the shape of Flower's own quickstart."""
