"""Asks for one BLAS thread, which must be said before NumPy loads: the matrices here are small, a second thread only
spins. Whoever sets the environment themselves keeps what they set.
"""

import os

for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
