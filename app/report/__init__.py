"""What all reports have in common: the question, its span, the form of the answer."""
