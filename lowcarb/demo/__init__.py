"""The embedded scenario, the story told on it, and a small training in Flower's simulation."""
