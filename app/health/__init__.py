"""Health: what works, what does not, for monitors and for the owner."""
