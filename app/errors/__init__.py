"""Error tracking: reports become occurrences, and occurrences groups."""
