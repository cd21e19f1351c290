"""Pictures of plans; the only folder that imports matplotlib (the extra `report`)."""
