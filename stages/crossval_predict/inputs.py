"""What a model sees of the rows: pictures as tensors' bytes, or as rows of pixels; columns of numbers; texts."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.files import load_array, read_json
from stages.artifacts.kind import WHITE
from stages.crossval_predict.prepared import Prepared, open_files


@cache
def load_images(prepared: Prepared) -> np.ndarray:
    """Map the pictures, (n, C, H, W) uint8."""
    return load_array(open_files(prepared)["prepared/images.npy"])


@cache
def load_columns(prepared: Prepared) -> tuple[dict[str, Any], ...]:
    """Return what the columns of a table are; there are none in pictures and texts."""
    path = open_files(prepared).get("prepared/columns.json")
    return tuple(read_json(path)) if path else ()


def take_inputs(prepared: Prepared, rows: np.ndarray) -> np.ndarray:
    """Return what an estimator sees of some rows.

    Parameters
    ----------
    prepared : Prepared
        Names the data set.
    rows : ndarray of shape (m,), int64
        The rows' numbers.

    Returns
    -------
    ndarray
        Of pictures (m, C * H * W) float32 from 0 to 1; of a table (m, d) float64, in which NaN is missing, as is what
        is infinite; of texts (m,) object.
    """
    taken: np.ndarray
    if prepared.kind == "picture":
        taken = load_images(prepared)[rows].reshape(len(rows), -1).astype(np.float32) / np.float32(WHITE)
    elif prepared.kind == "table":
        features = _load_features(prepared)[rows]
        taken = np.where(np.isfinite(features), features, np.nan)
    else:
        taken = _load_texts(prepared)[rows]
    return taken


@cache
def _load_features(prepared: Prepared) -> np.ndarray:
    return load_array(open_files(prepared)["prepared/features.npy"])


@cache
def _load_texts(prepared: Prepared) -> np.ndarray:
    # a text of spaces is a row too, and no blank line
    path = open_files(prepared)["prepared/rows.csv"]
    table = pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False)
    texts: np.ndarray = table["text"].to_numpy(object)
    return texts
