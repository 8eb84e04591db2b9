"""Closed days in numbers: made, remade and read; and what may be deleted then."""
