"""The embedded scenario, a story on that scenario, and a small training in Flower's simulation."""
