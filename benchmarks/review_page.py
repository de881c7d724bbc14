"""How soon the review page is usable, and how long a decision takes: ``python -m benchmarks.review_page``.

Opens the page over the worst 1,000 rows of the digits and, where it is prepared, of MNIST, in Chromium on the same
machine. It is usable when the first example, its buttons and what to compare it with are drawn. A decision is timed
from the key to the page that shows it as done, which it does once the line is on the disk, and by itself as the
request that writes it.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.conditions import print_conditions
from benchmarks.workplace import ROOT
from stages.artifacts.decisions import COLUMNS
from stages.artifacts.files import read_table, write_table
from stages.artifacts.issues import FLAGGED
from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.review import Page, serve_review

SHOWN = 1000
OPENED, DECIDED = 5, 100
# a person's, and not a machine's: what comes next is loaded in it
PAUSE_S = 0.5
DECIDE = """() => new Promise(done => {
    const progress = document.getElementById("progress-text");
    const decided = () => progress.textContent.split(" of ")[0];
    const start = performance.now(), before = decided();
    new MutationObserver((_, observer) => {
        if (decided() === before) return;
        observer.disconnect();
        done(performance.now() - start);
    }).observe(progress, { childList: true });
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "k", bubbles: true }));
})"""
REQUESTS = """performance.getEntriesByType("resource").filter(each => each.name.endsWith("/api/decisions"))
    .map(each => each.duration)"""


@contextmanager
def open_copy(dataset: str) -> Iterator[Page]:
    """Serve the review of a data set's worst rows, with a file of decisions of its own."""
    with tempfile.TemporaryDirectory() as name:
        source, target = ROOT / "data" / dataset, Path(name) / "data" / dataset
        target.mkdir(parents=True)
        for part in ("prepared", "training", "predictions", "quality"):
            (target / part).symlink_to(source / part)
        quality = read_table(source / "quality" / "label_quality.csv")
        worst = quality.assign(rank=quality["rank"].astype(int)).sort_values("rank")
        write_table(target / "issues.csv", worst.head(SHOWN).assign(flagged=FLAGGED))
        shutil.copy(ROOT / "params.yaml", name)
        (target / "decisions.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
        with serve_review(Path(name), dataset=dataset) as page:
            yield page


def open_tab(browser: Browser, page: Page) -> tuple[Any, float]:
    """Open the page as a new visitor and return it with the seconds until it is usable."""
    tab = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    start = time.perf_counter()
    tab.goto(page.url)
    tab.locator("#compare section").first.wait_for()
    return tab, time.perf_counter() - start


def time_decisions(tab: Any) -> tuple[list[float], list[float]]:
    """Return the seconds of each decision as the page shows it, and of the request alone."""
    seen = []
    for _ in range(DECIDED):
        seen.append(tab.evaluate(DECIDE) / 1000)
        time.sleep(PAUSE_S)
    return seen, [milliseconds / 1000 for milliseconds in tab.evaluate(REQUESTS)]


def main() -> None:
    """Print a line for each data set."""
    print_conditions()
    print("| data set | rows | usable after | a decision, key to done | its request alone |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        for dataset in ("digits", "mnist"):
            if not (ROOT / "data" / dataset / "quality").exists():
                continue
            with open_copy(dataset) as page:
                opened = [open_tab(browser, page) for _ in range(OPENED)]
                seen, requests = time_decisions(opened[-1][0])
            rows = len(read_table(ROOT / "data" / dataset / "prepared" / "ids.csv"))
            print(
                f"| `{dataset}` | {rows:,} | {describe([seconds for _, seconds in opened], 's', 1)} | "
                f"{describe(seen, 'ms', 1000)} | {describe(requests, 'ms', 1000)} |",
                flush=True,
            )


def describe(seconds: list[float], unit: str, factor: int) -> str:
    """Return the median and the range that nine of ten lie below."""
    digits = 2 if factor == 1 else 0
    high = sorted(seconds)[-1 - len(seconds) // 10]
    return f"{statistics.median(seconds) * factor:.{digits}f} {unit} (90 % under {high * factor:.{digits}f})"


if __name__ == "__main__":
    if CHROMIUM is None or shutil.which(CHROMIUM) is None:
        raise SystemExit("no Chromium is installed")
    main()
