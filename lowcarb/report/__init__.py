"""Reports on trainings, and pictures of plans; the only folder that imports matplotlib."""
