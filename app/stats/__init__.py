"""Reports: what the analytics endpoints read."""
