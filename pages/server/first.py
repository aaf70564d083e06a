"""Imported by app.py before anything else: one BLAS thread (before NumPy loads), one core (before other threads start)."""

from engine import threads as threads
from pages.server.cores import keep_to_one_core

keep_to_one_core()
