"""How soon the review shows the next drawn row and the bound: ``python -m benchmarks.certify_time``.

Rows are random vectors with a line of text each, of which one in a hundred has a wrong label, and the model doubts one
in twenty. A verdict is the request that writes it to the disk; the bound and the next row is the one that follows; what
to compare the row with is a third. An undo takes the last verdict back and asks for the bound again. The page has five
rows in store, so that a person waits for none of them.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.conditions import print_conditions
from stages.artifacts.files import write_json
from tests.review import Page, add_plan, make_artifacts, serve_review

SIZES = (2_000, 200_000)
WIDTH = 64
# rows that were looked at before the first one is timed
LOOKED_AT = (0, 400, 2_000)
TIMED, UNDONE = 40, 3
WRONG_EVERY, GOAL = 100, 0.005


def make_data(folder: Path, n_rows: int) -> list[str]:
    """Write a data set with a plan, and return the ids of the drawn rows."""
    make_artifacts(folder, ["cat", "dog", "owl"], n_rows, n_rows // 20)
    features = folder / "data/digits/features"
    features.mkdir()
    vectors = np.random.default_rng(0).normal(size=(n_rows, WIDTH)).astype(np.float32)
    np.save(features / "features.npy", vectors)
    write_json(features / "source.json", {"pretrained": True, "name": "random", "metric": "euclidean"})
    ids: list[str] = add_plan(folder, GOAL).rows["id"].tolist()
    return ids


def decide_before(page: Page, ids: list[str]) -> None:
    """Decide on rows in one go, before anything is timed."""
    rows = [{"id": row_id, "decision": say(place)} for place, row_id in enumerate(ids)]
    if rows:
        assert page.post("/api/decisions", reviewer="Ann", rows=rows)[0] == 200


def say(place: int) -> str:
    return "remove" if place % WRONG_EVERY == WRONG_EVERY - 1 else "keep"


def measure(page: Page) -> dict[str, list[float]]:
    """Return the seconds of each kind of request."""
    seconds: dict[str, list[float]] = {"verdict": [], "bound": [], "compare": [], "undo": []}

    def timed(kind: str, send: Callable[..., Any], *arguments: Any, **sent: Any) -> Any:
        start = time.perf_counter()
        answer = send(*arguments, **sent)
        seconds[kind].append(time.perf_counter() - start)
        return answer

    def ask(cards: list[Any]) -> Any:
        held = [card["card"] for card in cards]
        return page.post("/api/certify", reviewer="Ann", goal=GOAL, beyond=True, held=held)[1]["cards"]

    cards = ask([])
    for place in range(TIMED):
        rows = [{"id": cards[0]["id"], "decision": say(place)}]
        timed("verdict", page.post, "/api/decisions", reviewer="Ann", card=cards[0]["card"], rows=rows)
        cards = timed("bound", ask, cards[1:])
        timed("compare", page.read, f"/api/cards/{cards[-1]['card']}")
    for _ in range(UNDONE):
        page.post("/api/undo", reviewer="Ann")
        timed("undo", ask, [])
    return seconds


def main() -> None:
    """Print a line for each size and each number of rows looked at."""
    print_conditions()
    print("| rows | looked at | verdict on the disk | bound and next row | what to compare it with | undo |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for n_rows in SIZES:
        with tempfile.TemporaryDirectory() as name:
            ids = make_data(Path(name), n_rows)
            for looked_at in (count for count in LOOKED_AT if count < n_rows):
                (Path(name) / "data/digits/certificate/checks.csv").unlink(missing_ok=True)
                with serve_review(Path(name)) as page:
                    page.decisions.write_text(page.decisions.read_text().partition("\n")[0] + "\n")
                    decide_before(page, ids[:looked_at])
                    cells = " | ".join(describe(each) for each in measure(page).values())
                print(f"| {n_rows:,} | {looked_at:,} | {cells} |", flush=True)


def describe(seconds: list[float]) -> str:
    """Return the median and the highest."""
    return f"{1000 * statistics.median(seconds):.0f} ms (at most {1000 * max(seconds):.0f})"


if __name__ == "__main__":
    main()
