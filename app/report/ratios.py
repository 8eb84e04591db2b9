"""Ratios as the reports show them."""

from __future__ import annotations


def percentage(part: int, whole: int) -> int | float:
    """Return 100 × part / whole with one decimal; 0 if ``whole`` is 0."""
    return rounded(100 * part / whole) if whole else 0


def rounded(value: float, decimals: int = 1) -> int | float:
    """Return ``value`` rounded, without a fraction when it is whole: 50, 43.2."""
    result = round(value, decimals)
    return int(result) if result == int(result) else result
