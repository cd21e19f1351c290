"""Words and files of people: times, text, CSV tables, whole files. No domain in them."""
