"""The start page's server on a small table that trains in a moment, and what tests ask of it."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.browser import WAIT_MS, expect, new_tab
from tests.commands import find_programs, start_python
from tests.conftest import ONE_WORKER, Clone, copy_working_tree, make_as_shipped, write_yaml
from tests.review import Page

# the rows of the table whose label is that of the other class
WRONG = (6, 17, 40)
# a job of several stages, on a busy machine
JOB_MS = 5 * WAIT_MS
SLOW = (
    'python -c "import time; from stages.command.run import run_stage; '
    "print('slow: toy: a line', flush=True); run_stage('slow', lambda _: time.sleep(600))\" toy"
)

# `python -m review` that asks DVC what would run as soon as files are written, and not two seconds later
AT_ONCE = """
import runpy, sys
from review.start import freshness
freshness.QUIET_S = 0.1
sys.argv[0] = "review"
runpy.run_module("review", run_name="__main__")
"""


def make_toy(folder: Path) -> Clone:
    """Make a clone with a table of 120 rows, run and committed."""
    clone = Clone(folder)
    copy_working_tree(folder)
    make_as_shipped(folder)
    write_toy(clone.path("toy.csv"))
    toy = {
        "fetch": {"sources": ["csv:toy.csv"], "label": "kind", "id": "key"},
        "split": {"folds": 3, "repeats": 1},
        "crossval_predict": {"model": "logistic_regression"},
        "find_issues": {"flag": "budget", "budget": 6},
    }
    write_yaml(clone.path("params.yaml"), {"datasets": ["toy"], "audited": [], "compared": [], "toy": toy})
    # each command in a terminal writes it
    clone.run("git", "init", "--quiet", "--initial-branch=main")
    for key, value in (("user.name", "Tester"), ("user.email", "tester@example.org"), ("gc.auto", "0")):
        clone.run("git", "config", key, value)
    clone.repro()
    clone.commit("Clean the toys")
    return clone


def write_toy(path: Path) -> None:
    chance = random.Random(1)
    lines = ["key,x,y,kind"]
    for row in range(120):
        kind, centre = (("cat", 0), ("dog", 3))[row % 2]
        given = {"cat": "dog", "dog": "cat"}[kind] if row in WRONG else kind
        lines.append(f"r{row},{chance.gauss(centre, 1):.3f},{chance.gauss(centre, 1):.3f},{given}")
    path.write_text("\n".join(lines) + "\n")


def make_slow(clone: Clone, stage: str) -> None:
    """Let a stage print a line and then take ten minutes."""
    pipeline = yaml.safe_load(clone.path("dvc.yaml").read_text())
    pipeline["stages"][stage]["do"]["cmd"] = SLOW
    write_yaml(clone.path("dvc.yaml"), pipeline)


@contextmanager
def serve_start(clone: Clone) -> Iterator[Page]:
    """Run the server until the context ends, and then stop what it has started."""
    env = {**ONE_WORKER, "PATH": find_programs(os.environ["PATH"]), "PYTHONPATH": ""}
    start = ("-c", AT_ONCE, "--port", "0", "--reviewer", "Ann")
    process = start_python(*start, folder=clone.folder, env=env, server="review")
    assert process.stdout is not None
    url = next((line.split()[1] for line in iter(process.stdout.readline, "") if line.startswith("open ")), "")
    page = Page(clone.folder, url, process)
    try:
        yield page
    finally:
        if process.poll() is None:
            if running := page.read("/api/start")["running"]:
                page.post("/api/stop", dataset=running)
            process.terminate()
        process.wait()


def open_start(browser: Any, page: Page, **options: Any) -> Any:
    """Return a tab with the start page, which can be used."""
    tab = new_tab(browser, **options)
    tab.goto(page.url)
    tab.locator("body[data-ready=yes]").wait_for()
    return tab


def press(tab: Any, label: str) -> None:
    """Press a button of the card, by what it says and the data set's name."""
    tab.get_by_role("button", name=f"{label} toy", exact=True).click()


def wait_for_end(tab: Any, state: str = "done") -> None:
    """Wait until the job that is shown has ended in a state."""
    expect(tab.locator("#job-state")).to_have_attribute("data-state", state, timeout=JOB_MS)


def wait_for_log(tab: Any, text: str) -> None:
    """Wait until the log holds a text."""
    expect(tab.locator("#job-log")).to_contain_text(text)
