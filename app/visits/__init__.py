"""Visits and pageviews: what a beacon writes."""
