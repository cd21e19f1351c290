"""A sweep as sentences, pictures and a page."""
