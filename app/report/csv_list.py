"""A report's main list as CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DANGEROUS = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""Spreadsheets take a text that starts so for a formula: the signs, and the wide ones
of East Asia. Source: OWASP, CSV injection."""


def to_csv(rows: list[dict[str, Any]]) -> bytes:
    """Return the rows with a header line; UTF-8 with a mark, so that Excel knows."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: _safe(value) for key, value in row.items()})
    return text.getvalue().encode("utf-8-sig")


def _safe(value: object) -> object:
    is_dangerous = isinstance(value, str) and value.startswith(DANGEROUS)
    return f"'{value}" if is_dangerous else value
