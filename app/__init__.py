"""Porthole: web analytics, errors, audit log and short links for cheap hosts."""

__version__ = "0.1.0"
