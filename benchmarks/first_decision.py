"""From data to the first decision in one command: ``python -m benchmarks.first_decision FOLDER [NAME …]``.

FOLDER holds what tests take from `REAL_DATA`: ``clothes.zip``, of whose photographs 2,000 are made in two splits;
``banking77/train.csv``, of which tickets are made with a number, a channel and an answer beside the text; and
``tables/german.csv``, which is written as Parquet if pyarrow is installed, and as CSV if not. For each, in a clone of
this repository, it starts the command and takes the seconds until its first line, until the review can be opened, and
those of the processor that all of it took; then the review is asked for its page and ended.
"""

import importlib.util
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks.conditions import print_conditions
from benchmarks.photographs import write_photographs
from benchmarks.workplace import ROOT

SPLITS = {"train": range(1500), "test": range(1500, 2000)}
CHANNELS = ("mail", "phone", "chat")
OPENED = re.compile(r"open (http://\S+)")


def make_photographs(source: Path, folder: Path) -> list[str]:
    """Write photographs cut out of others, in two splits, and return what `add` is called with."""
    with zipfile.ZipFile(source / "clothes.zip") as archive:
        archive.extractall(folder / "sources")
    sources = sorted(path for path in (folder / "sources").rglob("*.jpg"))
    for split, numbers in SPLITS.items():
        write_photographs(sources, folder / "clothes" / split, numbers)
    return [str(folder / "clothes")]


def make_tickets(source: Path, folder: Path) -> list[str]:
    """Write texts beside what a support desk has of them."""
    texts = pd.read_csv(source / "banking77/train.csv")
    tickets = pd.DataFrame(
        {
            "ticket_no": [f"T{number:05}" for number in range(len(texts))],
            "channel": [CHANNELS[number % len(CHANNELS)] for number in range(len(texts))],
            "message": texts["text"],
            "topic": texts["category"],
        }
    )
    tickets.to_csv(folder / "tickets.csv", index=False)
    return [str(folder / "tickets.csv")]


def make_table(source: Path, folder: Path) -> list[str]:
    """Write a table as Parquet, if that can be read here."""
    table = pd.read_csv(source / "tables/german.csv")
    if importlib.util.find_spec("pyarrow"):
        table.to_parquet(folder / "german.parquet")
        return [str(folder / "german.parquet")]
    table.to_csv(folder / "german.csv", index=False)
    return [str(folder / "german.csv")]


MADE: dict[str, Callable[[Path, Path], list[str]]] = {
    "photographs": make_photographs,
    "tickets": make_tickets,
    "table": make_table,
}


def run(name: str, arguments: list[str], folder: Path) -> None:
    """Run the command until its review answers, and print what it took."""
    used, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "dataset", "add", name, *arguments, "--run"], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "DISPLAY": "", "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    looked = opened = 0.0
    for line in process.stdout:
        print(f"    {line.rstrip()}", flush=True)
        looked = looked or time.perf_counter() - start
        if match := OPENED.match(line):
            with urllib.request.urlopen(match[1]) as page:
                assert page.status == 200
            opened = time.perf_counter() - start
            os.killpg(process.pid, signal.SIGINT)
    code = process.wait()
    if not opened:
        raise SystemExit(f"{name}: ended with exit code {code} before the review was open")
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    print(
        f"{name}: looked at after {looked:.0f} s, first decision possible after {opened:.0f} s; "
        f"{processor:.0f} s of the processor",
        flush=True,
    )


def main(source: Path, names: list[str]) -> None:
    """Run each of them in one clone."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        for name in names or MADE:
            run(name, MADE[name](source, Path(folder)), clone)


if __name__ == "__main__":
    print_conditions()
    main(Path(sys.argv[1]).absolute(), sys.argv[2:])
