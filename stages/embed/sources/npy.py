"""``npy:PATH``: vectors that the user has made, in a .npy file in the order of the rows, or a .npz with ids."""

from pathlib import Path

import numpy as np

from stages.artifacts.kind import Kind
from stages.artifacts.vectors import Embedded
from stages.command.errors import InputError, some
from stages.embed.rows import Rows
from stages.embed.settings import Settings

KEY = "params.yaml: embed.source"
KINDS: tuple[Kind, ...] = ("picture", "table", "text")
ARGUMENT = "PATH"


def embed(argument: str, rows: Rows, settings: Settings) -> Embedded:
    """Read the vectors and bring them into the order of the rows.

    Raises
    ------
    InputError
        If they are not there, or are not one vector of finite numbers for each row.
    """
    path = Path(argument).expanduser()
    if path.suffix not in (".npy", ".npz"):
        raise InputError(f"{KEY}: {argument!r} must end in .npy or .npz")
    try:
        vectors = read_npy(path) if path.suffix == ".npy" else read_npz(path, rows.ids)
    except FileNotFoundError:
        raise InputError(f"{KEY}: {path} is not there; correct the path") from None
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{KEY}: {path} cannot be read ({' '.join(str(error).split())})") from None
    check_vectors(path, vectors, rows.ids)
    source = {"name": path.name, "pretrained": True, "metric": "cosine"}
    return Embedded(np.ascontiguousarray(vectors, np.float32), source)


def read_npy(path: Path) -> np.ndarray:
    """Read an array."""
    vectors: np.ndarray = np.load(path)
    return vectors


def read_npz(path: Path, ids: list[str]) -> np.ndarray:
    """Read the arrays ``ids`` and ``features``, and return the vectors of these ids.

    Raises
    ------
    InputError
        If an array is missing, the two differ in length, or a row has no vector or several.
    """
    with np.load(path) as arrays:
        absent = {"ids", "features"} - set(arrays.files)
        if absent:
            raise InputError(f"{KEY}: {path}: has no array {', '.join(sorted(absent))}; it needs ids and features")
        own, vectors = arrays["ids"].astype(str), arrays["features"]
    if own.shape != vectors.shape[:1]:
        raise InputError(f"{KEY}: {path}: {own.size:,} ids and {len(vectors):,} vectors; each id needs one")
    places = {row_id: place for place, row_id in enumerate(own)}
    if len(places) < len(own):
        raise InputError(f"{KEY}: {path}: has several vectors for one id; leave one for each")
    absent_ids = [row_id for row_id in ids if row_id not in places]
    if absent_ids:
        raise InputError(f"{KEY}: {path}: has no vector for {len(absent_ids):,} rows ({some(absent_ids)}); add them")
    taken: np.ndarray = vectors[[places[row_id] for row_id in ids]]
    return taken


def check_vectors(path: Path, vectors: np.ndarray, ids: list[str]) -> None:
    """Raise InputError if there is not one vector of finite numbers for each row."""
    if vectors.ndim != 2 or len(vectors) != len(ids) or not vectors.shape[1]:
        raise InputError(
            f"{KEY}: {path}: its shape is {vectors.shape}, where there must be a row of numbers for each of "
            f"{len(ids):,} rows"
        )
    if not np.issubdtype(vectors.dtype, np.number) or np.issubdtype(vectors.dtype, np.complexfloating):
        raise InputError(f"{KEY}: {path}: holds {vectors.dtype}, not numbers")
    wrong = np.flatnonzero(~np.isfinite(vectors.astype(np.float32)).all(axis=1))
    if len(wrong):
        named = some([ids[row] for row in wrong])
        raise InputError(f"{KEY}: {path}: {len(wrong):,} rows ({named}) have numbers that are not finite; mend them")
