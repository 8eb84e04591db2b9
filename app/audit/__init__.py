"""The audit log: who did what, and when, in a chain that shows if it was changed."""
