"""Projects: the owners of keys and data."""
