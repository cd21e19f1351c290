"""A comparison of policies as sentences, JSON, pictures and a page."""
