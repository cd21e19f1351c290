"""A training's account as sentences, JSON, pictures and a page."""
