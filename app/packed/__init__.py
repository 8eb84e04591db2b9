"""Closed days packed by column, so that filters over a year need not read its rows."""
