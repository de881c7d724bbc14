"""Whether 100,000 decisions slow the review down: ``python -m benchmarks.many_decisions``.

Four clients decide together, each on a quarter of 100,000 rows of text, one row a request. The first and the last 150
of each client are measured, as somebody makes them who presses seven keys a second: the decision, what is expected
after it, the next row, and after every fifth decision an undo and the decision again. Those between come as fast as
they are answered. Every decision must then be in the file. At the end a server is started on the file and on its first
10,000 lines, and the page opened in Chromium where that is installed.
"""

import argparse
import csv
import http.client
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.conditions import print_conditions
from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.review import Page, make_artifacts, serve_review

CLIENTS, MEASURED, PAUSE_S, UNDO_EVERY = 4, 150, 0.15, 5
FLAGGED, NEXT, FEW = 300, 700, 10_000
# milliseconds of each kind of request
Times = dict[str, list[float]]


class Client:
    """One reviewer, on a connection of their own."""

    def __init__(self, port: int, token: str, name: str) -> None:
        self.name, self.version = name, ""
        self.times: Times = {"decide": [], "expected": [], "next row": [], "undo": []}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._headers = {"Cookie": f"review-{port}={token}", "Origin": f"http://127.0.0.1:{port}"}
        self._headers["Content-Type"] = "application/json"

    def ask(self, kind: str, path: str, sent: object = None) -> None:
        """Send a request and note how long its answer took."""
        start = time.perf_counter()
        body = None if sent is None else json.dumps(sent)
        self._connection.request("GET" if body is None else "POST", path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self.times[kind].append(1000 * (time.perf_counter() - start))
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {content[:200]!r}")

    def decide(self, row: int) -> None:
        """Keep one row's label."""
        rows = [{"id": f"row-{row}", "decision": "keep"}]
        self.ask("decide", "/api/decisions", {"reviewer": self.name, "rows": rows})

    def measure(self, rows: range) -> Times:
        """Decide on rows as the page does, at a person's pace."""
        self.times = {kind: [] for kind in self.times}
        for place, row in enumerate(rows):
            self.decide(row)
            self.ask("expected", "/api/forecast")
            self.ask("next row", f"/api/rows/{row + 1}")
            if place % UNDO_EVERY == 0:
                self.ask("undo", "/api/undo", {"reviewer": self.name})
                self.decide(row)
            time.sleep(PAUSE_S)
        return self.times


def work(port: int, token: str, number: int, rows: range) -> tuple[Times, Times]:
    """Decide on some rows as one client and return the times at the start and at the end."""
    client = Client(port, token, f"reviewer {number}")
    at_start = client.measure(rows[:MEASURED])
    for row in rows[MEASURED:-MEASURED]:
        client.decide(row)
    return at_start, client.measure(rows[-MEASURED:])


def decide_together(page: Page, n_decisions: int) -> list[tuple[Times, Times]]:
    """Let all clients decide at the same time."""
    share = n_decisions // CLIENTS
    tasks = [(page.port, page.token, number, range(number * share, (number + 1) * share)) for number in range(CLIENTS)]
    with get_context("spawn").Pool(CLIENTS) as pool:
        return pool.starmap(work, tasks)


def count_lost(page: Page, n_decisions: int) -> int:
    """Return how many of the rows have no decision in the file."""
    with page.decisions.open(encoding="utf-8", newline="") as file:
        kept = {line["id"] for line in csv.DictReader(file) if line["decision"] == "keep"}
    return n_decisions - len(kept)


def describe(times: list[float]) -> str:
    """Return the median, the 99th percentile and the most."""
    return f"{statistics.median(times):.0f} | {statistics.quantiles(times, n=100)[98]:.0f} | {max(times):.0f}"


@contextmanager
def open_on(folder: Path, lines: list[str]) -> Iterator[tuple[Page, float]]:
    """Start a server on lines of decisions and yield it with the seconds until it listens."""
    (folder / "data/digits/decisions.csv").write_text("".join(lines), encoding="utf-8")
    start = time.perf_counter()
    with serve_review(folder) as page:
        yield page, time.perf_counter() - start


def time_start(page: Page) -> list[float]:
    """Return the seconds until the page can be used in three new tabs."""
    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        for _ in range(3):
            tab = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            start = time.perf_counter()
            tab.goto(page.url)
            tab.locator("body[data-ready=yes]").wait_for(timeout=600_000)
            seconds.append(time.perf_counter() - start)
    return seconds


def main() -> None:
    """Print the times at the start and at the end, what was lost, and how long the start then takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=100_000)
    n_decisions = parser.parse_args().decisions
    print_conditions()
    with tempfile.TemporaryDirectory() as name:
        folder = make_artifacts(Path(name), ["cat", "cow", "dog"], n_decisions + CLIENTS, FLAGGED, NEXT)
        start = time.perf_counter()
        with serve_review(folder) as page:
            found = decide_together(page, n_decisions)
            lost = count_lost(page, n_decisions)
        print(f"{n_decisions:,} decisions by {CLIENTS} clients in {time.perf_counter() - start:.0f} s, {lost} lost\n")
        print("| milliseconds | at the start: median | 99 % | most | at the end: median | 99 % | most |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for kind in found[0][0]:
            first, last = ([each for client in found for each in client[phase][kind]] for phase in (0, 1))
            print(f"| {kind} | {describe(first)} | {describe(last)} |")
        lines = page.decisions.read_text(encoding="utf-8").splitlines(keepends=True)
        for count in (FEW, len(lines) - 1):
            with open_on(folder, lines[: count + 1]) as (page, seconds):
                opened = time_start(page) if CHROMIUM and shutil.which(CHROMIUM) else []
                size = len(page.get("/api/session").read())
            usable = f"the page can be used after {statistics.median(opened):.2f} s" if opened else ""
            print(
                f"\n{count:,} lines: the server listens after {seconds:.2f} s; {usable} ({size / 1e6:.1f} MB)",
                flush=True,
            )


if __name__ == "__main__":
    main()
