"""How soon an original is on the review page, and what large ones cost: ``python -m benchmarks.originals [FOLDER]``.

Makes a data set of 2,000 photographs of 400×500 pixels, of the pictures in FOLDER or else of scikit-learn's two, each
cut out and mirrored at random, and goes from row to row in Chromium on the same machine. An original is timed from the
key to the frame in which it is drawn: once with what the page has loaded ahead, and once row by row faster than that.
Then it asks for photographs of 12 million pixels, several at once, and for sheets of a hundred pictures.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright
from sklearn.datasets import load_sample_images

from benchmarks.conditions import print_conditions
from stages.artifacts.originals import open_upright
from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS, open_review
from tests.photographs import make_photographs, save
from tests.review import Page, serve_review

ROWS, SIZE = 2000, (400, 500)
LARGE, LARGE_SIZE, AT_ONCE = 6, (4000, 3000), 4
STEPS, PAUSE_S = 60, 0.5
NEXT = """() => new Promise(done => {
    const start = performance.now(), before = document.querySelector("#example img");
    const drawn = () => {
        const image = document.querySelector("#example img");
        if (image === before || !image.complete || !image.naturalWidth) requestAnimationFrame(drawn);
        else image.decode().then(() => requestAnimationFrame(() => done(performance.now() - start)));
    };
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    drawn();
})"""


def list_pictures(folder: str | None) -> list[Image.Image]:
    """Return the pictures to cut from."""
    if folder is None:
        return [Image.fromarray(picture) for picture in load_sample_images().images]
    paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    return [open_upright(path.read_bytes()) for path in paths[:200]]


def make_files(pictures: list[Image.Image], count: int, size: tuple[int, int]) -> Iterator[tuple[str, bytes]]:
    """Yield JPEGs of a size, each a part of a picture."""
    generator = np.random.default_rng(0)
    for number in range(count):
        picture = pictures[number % len(pictures)].convert("RGB")
        left, top = (int(generator.integers(0, length // 4 + 1)) for length in picture.size)
        part = picture.crop((left, top, picture.width - left // 2, picture.height - top // 2)).resize(size)
        yield str(number), save(part, "JPEG", quality=90)


def time_steps(tab: Any, pause: float) -> list[float]:
    """Return the milliseconds from the key to the drawn original, row after row, each a pause after the last."""
    shown = []
    for _ in range(STEPS):
        time.sleep(pause)
        shown.append(float(tab.evaluate(NEXT)))
    return shown


def time_answers(page: Page, paths: list[str], at_once: int) -> tuple[list[float], float]:
    """Return the milliseconds of each answer, and the mean of their sizes in KB."""

    def ask(path: str) -> tuple[float, int]:
        start = time.perf_counter()
        answer = page.get(path)
        return 1000 * (time.perf_counter() - start), len(answer.read())

    with ThreadPoolExecutor(at_once) as pool:
        answers = list(pool.map(ask, paths))
    return [taken for taken, _ in answers], statistics.mean(size for _, size in answers) / 1000


def read_peak(page: Page) -> int:
    """Return the most memory that the server has held, in MB."""
    status = Path(f"/proc/{page.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def describe(times: list[float]) -> str:
    """Return the median and the largest."""
    return f"{statistics.median(times):.0f} ms (at most {max(times):.0f})"


def main(folder: str | None) -> None:
    """Print a line for each measurement."""
    print_conditions()
    pictures = list_pictures(folder)
    with tempfile.TemporaryDirectory() as name:
        files = dict(make_files(pictures, ROWS, SIZE))
        mean = statistics.mean(len(content) for content in files.values()) / 1000
        print(f"{ROWS:,} photographs of {SIZE[0]}×{SIZE[1]}, {mean:.0f} KB each\n\n| what | time |\n| --- | ---: |")
        with serve_review(make_photographs(Path(name), files, n_flagged=200)) as page:
            measure_page(page)
    with tempfile.TemporaryDirectory() as name:
        large = make_photographs(Path(name), dict(make_files(pictures, LARGE, LARGE_SIZE)))
        with serve_review(large) as page:
            measure_large(page)


def measure_page(page: Page) -> None:
    """Print how soon originals and sheets of a data set of many are there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        tab = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        open_review(tab, page.url)
        print(f"| the next original, half a second after the last | {describe(time_steps(tab, PAUSE_S))} |")
        print(f"| the next original, at once | {describe(time_steps(tab, 0))} |")
    sheets, size = time_answers(page, [f"/sheets/{page.stamp}/labels/0", f"/sheets/{page.stamp}/labels/1"], 1)
    print(f"| a sheet of 100 ({size:.0f} KB) | {describe(sheets)} |")
    print(f"\nThe server's memory: {read_peak(page)} MB at most")


def measure_large(page: Page) -> None:
    """Print what photographs cost that are larger than a screen."""
    before, rows = read_peak(page), range(LARGE)
    alone, size = time_answers(page, [f"/pictures/{page.stamp}/{row}" for row in rows], 1)
    together, _ = time_answers(page, [f"/pictures/{page.stamp}/{row}" for row in rows] * 4, AT_ONCE)
    previews, _ = time_answers(page, [f"/previews/{page.stamp}/{row}" for row in rows], 1)
    print(
        f"\nJPEGs of {LARGE_SIZE[0]}×{LARGE_SIZE[1]}, sent as {size:.0f} KB: {describe(alone)} one by one, "
        f"{describe(together)} {AT_ONCE} at once; small ones {describe(previews)}; "
        f"the server's memory {before} MB before, {read_peak(page)} MB at most"
    )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
