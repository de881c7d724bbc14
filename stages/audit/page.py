"""Fills the page that shows how well flipped labels were found."""

from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from stages.find_issues import scores
from stages.find_issues.registry import load

if TYPE_CHECKING:
    from stages.find_issues.judge import Judged

WIDTH, HEIGHT = 640, 360
# the curves end at so many times the number of flips
SHOWN_TIMES = 2.5


def fill_page(dataset: str, audit: dict[str, Any], chart: dict[str, Any] | None) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    dataset : str
        The data set's name.
    audit : dict
        What audit.json holds: nothing where the data set is not audited.
    chart : dict, optional
        What `draw_yield` returned.
    """
    loader = PackageLoader("stages.audit", ".")
    environment = Environment(loader=loader, autoescape=select_autoescape(["html.jinja"]), undefined=StrictUndefined)
    return environment.get_template("page.html.jinja").render(
        dataset=dataset,
        audit=audit,
        score_names={name: load(scores, name).TITLE for name in audit.get("scores", {})},
        chart=chart,
    )


def draw_yield(flipped: np.ndarray, judged: "Judged") -> dict[str, Any]:
    """Return the points of the expected and the actual finds, in pixels of a chart of `WIDTH` × `HEIGHT`."""
    n_flips = int(flipped.sum())
    n_shown = min(len(judged.ranked), round(SHOWN_TIMES * n_flips))
    expected = judged.tabulate_yield()
    numbers = np.unique(np.linspace(0, n_shown, 120).round().astype(int))
    found = np.concatenate([[0], np.cumsum(flipped[judged.ranked])])[numbers]
    lines = {
        name: np.interp(numbers, [0, *expected["rows"]], [0, *expected[name]]) for name in ("expected", "low", "high")
    }
    top = max(n_flips, float(max(line[-1] for line in lines.values())), 1.0)

    def points(values: np.ndarray, rows: np.ndarray = numbers) -> str:
        pairs = zip(rows / n_shown * WIDTH, HEIGHT - values / top * HEIGHT, strict=True)
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)

    band = f"{points(lines['low'])} {points(lines['high'][::-1], numbers[::-1])}"
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "rows": n_shown,
        "top": round(top),
        "flips": n_flips / n_shown * WIDTH,
        "band": band,
        "expected": points(lines["expected"]),
        "found": points(found.astype(float)),
    }
