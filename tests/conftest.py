"""One BLAS thread for all tests, as in the app: it must be asked for before any test loads NumPy."""

from engine import threads as threads
