"""Makes the zip that people upload; it is not part of it."""
