"""Makes what people download."""
