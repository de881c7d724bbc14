"""The vectors that ``embed`` leaves, one for each row, and what made them: ``data/<dataset>/features/``."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from stages.artifacts.files import load_array, read_json, write_json
from stages.command.errors import InputError

# scipy is imported within functions: what only asks who made the vectors does without
if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Vectors: TypeAlias = "np.ndarray | csr_matrix"

# the vectors themselves; beside pretrained ones, what the rows say by themselves; and texts without weights
FEATURES, PLAIN, APART = "features", "plain", "apart"
SOURCE = "source.json"


@dataclass(frozen=True)
class Embedded:
    """A vector for each of n rows.

    Attributes
    ----------
    vectors : ndarray or csr_matrix of shape (n, d), float32
        Sparse where most numbers are 0.
    source : dict
        What made them: ``name``, as a person calls it; ``metric``, ``euclidean`` or ``cosine``, how to compare them;
        ``pretrained``, whether it has learnt from other data; and whatever else is known.
    apart : csr_matrix of shape (n, d), float32, optional
        What to find outliers by, if that is not the same.
    """

    vectors: Vectors
    source: dict[str, Any]
    apart: "csr_matrix | None" = None


def find_vectors(folder: Path, name: str = FEATURES) -> Path:
    """Return where the vectors of ``data/<dataset>/features`` lie: sparse ones end in ``.npz``."""
    sparse = folder / f"{name}.npz"
    return sparse if sparse.exists() else folder / f"{name}.npy"


def read_vectors(path: Path) -> Vectors:
    """Read (n, d) float32 vectors: map ``.npy`` into memory, load ``.npz`` as a sparse matrix.

    Raises
    ------
    InputError
        If the file is missing or damaged.
    """
    if path.suffix == ".npy":
        return load_array(path)
    from scipy.sparse import csr_matrix, load_npz

    try:
        return csr_matrix(load_npz(path))
    except FileNotFoundError:
        raise InputError(f"{path}: not found; `dvc repro` makes it") from None
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: damaged ({reason}); remove it and `dvc repro` makes it again") from None


def write_embedded(folder: Path, embedded: Embedded, plain: Embedded | None) -> None:
    """Write vectors and what made them and, where that is something else, what the rows say by themselves."""
    own = plain or embedded
    _write(folder, FEATURES, embedded.vectors)
    if plain:
        _write(folder, PLAIN, plain.vectors)
    if own.apart is not None:
        _write(folder, APART, own.apart)
    about = {"pretrained": False, **embedded.source}
    write_json(folder / SOURCE, about | ({"plain": plain.source} if plain else {}))


def read_source(folder: Path) -> dict[str, Any]:
    """Read what made the vectors, as `Embedded` has it, and under ``plain`` the same of those beside them."""
    source: dict[str, Any] = read_json(folder / SOURCE)
    return source


def _write(folder: Path, name: str, vectors: Vectors) -> None:
    if isinstance(vectors, np.ndarray):
        np.save(folder / f"{name}.npy", vectors)
        return
    from scipy.sparse import save_npz

    save_npz(folder / f"{name}.npz", vectors, compressed=False)
