"""Data sets: made, real, or read from a table."""
