"""Measurements, no tests: `make bench` prints them."""

from engine import threads as threads  # before NumPy loads: it asks for one BLAS thread
