"""Short links: made, followed, counted."""
