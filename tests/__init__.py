"""The tests; they import the stages first, so that numpy and torch compute the same bytes here as in a stage."""

import os

import stages as stages

# Several tests run at once: a library's second thread has no core of its own then, and the first waits for it, busily.
# numpy and torch read this when they are imported; what the tests start reads it too.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
