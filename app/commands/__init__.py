"""What ``python -m app`` can do."""
