"""Makes every x86-64 processor with AVX2 compute the same bytes.

numpy, OpenBLAS and torch choose their instructions by the processor, and each choice rounds differently. The variables
below fix the choice. The libraries read them when they are imported, so `settle` runs before any of them: from
``stages/__init__.py``.

A process that imports numpy first, as a Dask worker does, needs them from its start:
``env $(python -m stages) python -m dask worker …``.
"""

import os
import platform
import sys
from pathlib import Path

VARIABLES = {
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3,X86_V4,AVX512_ICL,AVX512_SPR",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "COMPATIBLE",
}
READERS = ("numpy", "torch")
SAME = "x86-64 with AVX2"


def settle() -> bool:
    """Set the variables, and return whether this process computes the bytes that all such processors do."""
    if not _has_avx2():
        return False
    settled = all(os.environ.get(name) == value for name, value in VARIABLES.items())
    late = any(name in sys.modules for name in READERS)
    os.environ.update(VARIABLES)
    return settled or not late


def _has_avx2() -> bool:
    """Say whether Linux names AVX2 and FMA among the processor's instructions: without them the variables crash."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            flags = next((line.split() for line in file if line.startswith("flags")), [])
    except OSError:
        return False
    return platform.machine() == "x86_64" and {"avx2", "fma"} <= set(flags)


SETTLED = settle()


def describe_processor() -> str:
    """Return what decides how this process rounds: `SAME`, or the machine's own kind."""
    if SETTLED:
        return SAME
    own = f"{platform.machine()}, {platform.system()}"
    return f"{own}, without the variables of stages/command/processor.py" if _has_avx2() else own
