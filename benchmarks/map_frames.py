"""How smooth the review page's map is: ``python -m benchmarks.map_frames``.

Makes rows of text on a map of random groups, opens the page in Chromium on the same machine, and drags the map for some
seconds, each move with the next frame. It prints how soon the map is there, how many frames a second are shown, and how
long it takes from one to the next. Chromium runs without a graphics card, as on a machine that has none.
"""

import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.conditions import print_conditions
from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.review import add_map, make_artifacts, serve_review

ROWS = (10_000, 70_000, 200_000)
CLASSES, GROUPS = 77, 10
SCREENS = {"1280×800": (1280, 800, 1), "phone, 390×844 at 3 pixels each": (390, 844, 3)}
DRAGGED_S = 4
DRAG = """(seconds) => new Promise(done => {
    const canvas = document.getElementById("map-canvas"), { left, top } = canvas.getBoundingClientRect();
    const send = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type, {
        pointerId: 1, button: 0, buttons: 1, clientX: left + x, clientY: top + y, bubbles: true,
    }));
    canvas.setPointerCapture = () => {};
    const start = performance.now(), frames = [];
    send("pointerdown", 150, 150);
    const frame = (now) => {
        frames.push(now);
        const turn = frames.length / 10;
        send("pointermove", 150 + 90 * Math.cos(turn), 150 + 60 * Math.sin(turn));
        if (now - start < 1000 * seconds) requestAnimationFrame(frame);
        else {
            send("pointerup", 150, 150);
            done(frames.slice(1).map((each, i) => each - frames[i]));
        }
    };
    requestAnimationFrame(frame);
})"""


def make_map(folder: Path, n_rows: int) -> Path:
    """Make what the review reads, with a map."""
    make_artifacts(folder, [f"class {k}" for k in range(CLASSES)], n_rows, 100)
    rng = np.random.default_rng(0)
    groups = rng.normal(size=(GROUPS, 2)) * 12
    places = groups[rng.integers(0, GROUPS, n_rows)] + rng.normal(size=(n_rows, 2)) * 2
    return add_map(folder, places)


def measure(tab: Any) -> tuple[float, list[float]]:
    """Return the seconds until the map is there, and the milliseconds between frames while it is dragged."""
    start = time.perf_counter()
    tab.keyboard.press("v")
    tab.locator("#map-legend button").first.wait_for()
    opened = time.perf_counter() - start
    return opened, tab.evaluate(DRAG, DRAGGED_S)


def main() -> None:
    """Print a line for each number of rows and each screen."""
    print_conditions()
    print("| rows | screen | map there after | frames a second | the slowest in a hundred |")
    print("| ---: | --- | ---: | ---: | ---: |")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        for n_rows in ROWS:
            with tempfile.TemporaryDirectory() as name, serve_review(make_map(Path(name), n_rows)) as page:
                for screen, (width, height, ratio) in SCREENS.items():
                    context = browser.new_context(
                        viewport={"width": width, "height": height}, device_scale_factor=ratio
                    )
                    tab = context.new_page()
                    tab.goto(page.url)
                    tab.locator("body[data-ready=yes]").wait_for()
                    opened, frames = measure(tab)
                    rate, slowest = 1000 / statistics.mean(frames), sorted(frames)[-1 - len(frames) // 100]
                    print(f"| {n_rows:,} | {screen} | {opened:.2f} s | {rate:.0f} | {slowest:.0f} ms |", flush=True)
                    tab.close()


if __name__ == "__main__":
    if CHROMIUM is None or shutil.which(CHROMIUM) is None:
        raise SystemExit("no Chromium is installed")
    main()
