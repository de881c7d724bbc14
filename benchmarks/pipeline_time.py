"""Where the time and the memory of `dvc repro` go for MNIST: ``python -m benchmarks.pipeline_time FOLDER``.

FOLDER holds MNIST's four IDX files. In a clone of this repository the data are fetched from there first, which stands
for the download and is not counted; then `dvc repro` runs, and each stage is timed from DVC's line that names it to the
next, so that hashing and caching its outputs count. The memory is that of DVC and all that it started, at its highest:
the sum of their proportional set sizes, in which what processes share is counted once.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import yaml

from benchmarks.conditions import print_conditions
from benchmarks.workplace import ROOT
from stages.command.params import SECTIONS

IMPORTS = 5
SAMPLE_S = 1


def clone_for(idx_folder: Path, folder: Path) -> None:
    """Clone this repository, have it clean MNIST from ``idx_folder``, and fetch the data."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    params = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    params["datasets"] = ["mnist"]
    params["mnist"]["fetch"]["sources"] = [f"idx:{idx_folder}"]
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    subprocess.run(["dvc", "repro", "--quiet", "fetch@mnist"], cwd=folder, check=True)


def run_pipeline(folder: Path) -> tuple[dict[str, float], float]:
    """Run `dvc repro`; return the seconds until each stage began and until the end, and the highest memory in bytes."""
    start = time.perf_counter()
    process = subprocess.Popen(["dvc", "repro"], cwd=folder, stdout=subprocess.PIPE, text=True)
    peaks = [0.0]
    watch = threading.Thread(target=watch_memory, args=(process.pid, peaks))
    watch.start()
    assert process.stdout is not None
    began = {}
    for line in process.stdout:
        if named := re.match(r"Running stage '(\w+)@", line):
            began[named[1]] = time.perf_counter() - start
    assert process.wait() == 0
    watch.join()
    return {**began, "end": time.perf_counter() - start}, max(peaks)


def watch_memory(pid: int, peaks: list[float]) -> None:
    """Append the memory of a process and all its descendants again and again, until it has ended."""
    while psutil.pid_exists(pid):
        total = 0
        try:
            root = psutil.Process(pid)
            for process in [root, *root.children(recursive=True)]:
                total += process.memory_full_info().pss
        except psutil.Error:
            pass
        peaks.append(total)
        time.sleep(SAMPLE_S)


def time_import(stage: str) -> float:
    """Return the median of the seconds in which a process starts and imports a stage."""
    package = (ROOT / "stages" / stage).is_dir()
    command = [sys.executable, "-c", f"import stages.{stage}{'.__main__' if package else ''}"]
    seconds = []
    for _ in range(IMPORTS):
        start = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main(idx_folder: Path) -> None:
    """Run the pipeline and print the table."""
    with tempfile.TemporaryDirectory() as name:
        clone_for(idx_folder.absolute(), Path(name) / "clone")
        began, peak = run_pipeline(Path(name) / "clone")
    times = list(began.values())
    print("| stage | time | of it imports |\n| --- | ---: | ---: |")
    print(f"| (DVC starts) | {times[0]:.1f} s | |")
    for stage, start, end in zip(began, times, times[1:], strict=False):
        print(f"| `{stage}` | {end - start:.1f} s | {time_import(stage):.1f} s |")
    print(f"| `fetch` | not counted | {time_import(SECTIONS[0]):.1f} s |")
    outside = 1 - (began["find_issues"] - began["crossval_predict"]) / times[-1]
    print(f"\nall {times[-1]:.1f} s, {outside:.0%} of them outside `crossval_predict`; memory {peak / 1e9:.2f} GB")


if __name__ == "__main__":
    print_conditions()
    main(Path(sys.argv[1]))
