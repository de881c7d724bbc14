"""Takes the probabilities that another classifier has predicted out of sample, in place of training one."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from stages.command.errors import InputError, some
from stages.crossval_predict.settings import NETWORK_KEYS, SectionSettings

KEY = "params.yaml: crossval_predict.pred_probs"
# what rounding to a few digits may do to a row's sum
TOLERANCE = 1e-2


def read_pred_probs(name: str, ids: pd.Series, classes: list[str]) -> np.ndarray:
    """Read out-of-sample probabilities.

    Parameters
    ----------
    name : str
        A ``.npy`` file of (n, K) in the order of the rows and the classes; or a ``.csv`` or ``.parquet`` file with a
        column ``id`` and one for each class, in any order.
    ids : Series of n str
        The ids of the rows.
    classes : list of K str
        Their names.

    Returns
    -------
    ndarray of shape (n, K), float32
        Each row sums to 1.

    Raises
    ------
    InputError
        If they are not there, are of other rows or classes, or are not probabilities.
    """
    path = find_file(name)
    if path.suffix not in (".npy", ".csv", ".parquet"):
        raise InputError(f"{KEY}: {name!r} must end in .npy, .csv or .parquet")
    try:
        values = read_array(path) if path.suffix == ".npy" else align(read_table(path), path, ids, classes)
    except (ValueError, EOFError, OSError) as error:
        raise InputError(f"{KEY}: {path} cannot be read ({' '.join(str(error).split())})") from None
    check_probs(values, path, ids, classes)
    probs: np.ndarray = values / values.sum(axis=1, keepdims=True)
    return probs.astype(np.float32)


def check_alone(settings: SectionSettings) -> None:
    """Raise InputError for keys that say what to train: nothing is trained."""
    useless = [key for key in ("model", "arguments", *NETWORK_KEYS) if key in settings.model_fields_set]
    if useless:
        raise InputError(f"{KEY}: with it nothing is trained, so that {', '.join(useless)} do not apply; remove them")


def find_file(name: str) -> Path:
    """Return the path of a file that is there."""
    with suppress(RuntimeError):  # of ~user, where there is no such user
        path = Path(name).expanduser()
        if path.is_file():
            return path
    raise InputError(f"{KEY}: {name} is not there; correct the path, or set it to null to train a model")


def read_array(path: Path) -> np.ndarray:
    """Read an array; anything else that numpy may have written is an error."""
    with path.open("rb") as file:
        array: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
    return array


def read_table(path: Path) -> pd.DataFrame:
    """Read a table whose ids are text, whatever they look like."""
    if path.suffix == ".csv":
        # not dtype, which would take the id NA for a missing one
        return pd.read_csv(path, converters={"id": str})
    try:
        return pd.read_parquet(path).astype({"id": str})
    except ImportError:
        raise InputError(f"{KEY}: {path}: `pip install pyarrow` to read parquet files") from None
    except KeyError:
        raise InputError(f"{KEY}: {path}: no column id") from None


def align(table: pd.DataFrame, path: Path, ids: pd.Series, classes: list[str]) -> np.ndarray:
    """Put a table's rows and columns in the order of the data set's rows and classes."""
    columns = set(map(str, table.columns))
    wrong = sorted(columns ^ {"id", *classes})
    if wrong:
        raise InputError(
            f"{KEY}: {path}: there must be a column id and one for each class; wrong or missing: {some(wrong)}"
        )
    by_id = table.rename(columns=str).set_index("id")[classes]
    twice = by_id.index[by_id.index.duplicated()]
    strangers, missing = by_id.index.difference(pd.Index(ids)), pd.Index(ids).difference(by_id.index)
    for names, problem in ((twice, "named twice"), (strangers, "not in the data set"), (missing, "missing")):
        if len(names):
            raise InputError(f"{KEY}: {path}: {len(names):,} id(s) {problem}: {some(list(names))}")
    values: np.ndarray = by_id.loc[ids].to_numpy()
    return values


def check_probs(values: np.ndarray, path: Path, ids: pd.Series, classes: list[str]) -> None:
    """Raise InputError if the values are not probabilities of these rows and classes."""
    if values.shape != (len(ids), len(classes)) or values.dtype.kind not in "uif":
        raise InputError(
            f"{KEY}: {path} holds {values.dtype} of shape {values.shape}; "
            f"there must be a number for each of {len(ids):,} rows and {len(classes):,} classes"
        )
    bad = ~np.isfinite(values).all(axis=1) | (values < 0).any(axis=1)
    bad |= np.abs(values.sum(axis=1) - 1) > TOLERANCE
    if bad.any():
        named = some(list(ids[bad]))
        raise InputError(
            f"{KEY}: {path}: {bad.sum():,} row(s) are not probabilities from 0 to 1 that sum to 1 (id {named})"
        )
