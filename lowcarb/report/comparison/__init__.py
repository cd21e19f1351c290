"""A comparison of policies as sentences, pictures and a page."""
