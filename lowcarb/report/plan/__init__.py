"""A plan as sentences, pictures and a page."""
