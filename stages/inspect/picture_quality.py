"""Finds pictures that were taken badly: dark, bright, blurred, with little information, of an odd size or shape.

The kinds are those of CleanVision 0.3.7 (Apache-2.0, https://github.com/cleanlab/cleanvision), and so are the limits of
little information and odd shape. Its other rules were measured on 713 photographs of clothes, and replaced: the one for
blur found one in ten of the blurred ones, and sharp ones of low contrast on plain ground instead (as its issue 120
says); the one for odd sizes found 261 ordinary ones. See docs/picture-quality.md.
"""

import numpy as np
import pandas as pd

# Below these numbers of `Measures` a picture is bad by itself:
LIMITS = {
    # nothing in it is brighter than a grey of 102 of 255: what an exposure of a third of the right one leaves
    "dark": ("light", 0.4),
    # more than two thirds are blown out; of things on a white ground, up to 0.36 were
    "bright": ("drawn", 1 / 3),
    # of 1,715 photographs in focus the softest has 0.28; blurred by 1/200 of their side, all are below
    "blurred": ("sharpness", 0.2),
    "little information": ("information", 3.0),
    # less than half as long as is usual, or more than twice; cameras and phones differ by less
    "odd size": ("usual_side", 0.5),
    "odd shape": ("shape", 0.35),
}
KINDS = tuple(LIMITS)
# A limit says little about data of which many are near it: drawings are white, digits hold little information. It holds
# if the lower quartile is this many times as high, and else falls with its square: a blank page is below it then, and
# the thinnest stroke for a 1 is not.
ROOM = 2


def find_flaws(measures: pd.DataFrame) -> pd.DataFrame:
    """Find what is wrong with pictures.

    Parameters
    ----------
    measures : DataFrame of n rows
        As `measure_pictures` returns it.

    Returns
    -------
    DataFrame
        A row for each finding, worst first: row, from 0; kind; and score, from 0, the worst, to 1, at the limit.
    """
    measures = measures.assign(usual_side=_compare_sides(measures["side"].to_numpy()))
    found = [_find_kind(kind, measures[name].to_numpy(), limit) for kind, (name, limit) in LIMITS.items()]
    return pd.concat(found, ignore_index=True).sort_values("score", kind="stable", ignore_index=True)


def tabulate_flaws(ids: pd.Series, given: np.ndarray, flaws: pd.DataFrame) -> pd.DataFrame:
    """Make the table of findings: id, given_label, kind, score."""
    rows = flaws["row"].to_numpy()
    found = {"id": ids.to_numpy()[rows], "given_label": given[rows], "kind": flaws["kind"], "score": flaws["score"]}
    return pd.DataFrame(found)


def no_flaws() -> pd.DataFrame:
    """Return no findings."""
    return pd.DataFrame({"row": np.zeros(0, np.int64), "kind": np.zeros(0, object), "score": np.zeros(0)})


def _compare_sides(sides: np.ndarray) -> np.ndarray:
    usual = np.median(sides)
    compared: np.ndarray = np.minimum(sides / usual, usual / sides)
    return compared


def _find_kind(kind: str, values: np.ndarray, limit: float) -> pd.DataFrame:
    limit = _adapt(limit, values[np.isfinite(values)])
    rows = np.flatnonzero(values < limit)
    return pd.DataFrame({"row": rows, "kind": kind, "score": values[rows] / limit})


def _adapt(limit: float, values: np.ndarray) -> float:
    low = np.quantile(values, 0.25) if len(values) else np.inf
    return float(limit * min(1, low / (ROOM * limit)) ** 2)
