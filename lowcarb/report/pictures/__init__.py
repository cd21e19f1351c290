"""Pictures, one a file; the only folder that imports matplotlib, and only when one is drawn."""
