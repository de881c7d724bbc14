"""Every x86-64 processor with AVX2 computes the same bytes; what rounds otherwise is told, and refused as a worker."""

import os
import shutil
import subprocess
import sys

import pytest

from stages.command.errors import InputError
from stages.command.processor import SAME, SETTLED, VARIABLES, describe_processor
from stages.workers.cluster import check_processors
from tests.conftest import ROOT

QEMU = shutil.which("qemu-x86_64")


def run(*command: str, **env: str) -> str:
    """Run a command with none of the variables but those given, and return what it printed."""
    own = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(command, cwd=ROOT, env={**own, **env}, capture_output=True, text=True, check=True)
    return done.stdout


def list_digests(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if len(line.split(": ")[-1]) >= 64]


@pytest.fixture(scope="module")
def here() -> list[str]:
    return list_digests(run(sys.executable, "-m", "tests.predicted_bytes"))


@pytest.mark.skipif(QEMU is None, reason="qemu-x86_64 is not installed: it emulates other processors")
@pytest.mark.skipif(not SETTLED, reason="this processor is no x86-64 with AVX2 under Linux")
# the import of torch alone takes half a minute there
@pytest.mark.parametrize("processor", ["Haswell", pytest.param("EPYC", marks=pytest.mark.slow)])
def test_each_model_predicts_the_same_bytes_on_another_processor(processor: str, here: list[str]) -> None:
    assert QEMU
    there = list_digests(run(QEMU, "-cpu", processor, sys.executable, "-m", "tests.predicted_bytes"))
    assert len(here) == 9
    assert there == here


def test_the_stages_settle_how_numpy_and_torch_round_before_they_are_imported() -> None:
    code = """
import stages, numpy, torch, threadpoolctl
print(sorted({library.get("architecture") for library in threadpoolctl.threadpool_info()} - {None}))
print(torch.backends.cpu.get_cpu_capability(), numpy._core._multiarray_umath.__cpu_features__["X86_V3"])
"""
    assert run(sys.executable, "-c", code).split() == ["['Haswell']", "AVX2", "False"] or not SETTLED


def test_a_process_that_imports_numpy_first_says_that_it_rounds_otherwise() -> None:
    code = "import numpy; from stages.command.processor import describe_processor; print(describe_processor())"
    assert SAME not in run(sys.executable, "-c", code)
    printed = run(sys.executable, "-m", "stages").split()
    assert printed == [f"{name}={value}" for name, value in VARIABLES.items()]
    if SETTLED:
        assert run(sys.executable, "-c", code, **VARIABLES).strip() == SAME


def test_a_worker_that_rounds_otherwise_is_refused() -> None:
    own = describe_processor()
    check_processors("CLEAN_LABELS_SCHEDULER", {"tcp://127.0.0.1:1": own})
    with pytest.raises(InputError, match=r"tcp://127\.0\.0\.1:2 rounds differently \(arm64, Darwin\)"):
        check_processors("CLEAN_LABELS_SCHEDULER", {"tcp://127.0.0.1:1": own, "tcp://127.0.0.1:2": "arm64, Darwin"})
