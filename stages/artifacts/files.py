"""Where a data set's artifacts lie, and how they are written: whole, or not at all."""

import csv
import json
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from stages.command.errors import InputError

BLOCK_BYTES = 1 << 24


def data_folder(dataset: str) -> Path:
    """Return the folder of a data set's artifacts, ``data/<dataset>``."""
    return Path("data") / dataset


def report_folder(dataset: str) -> Path:
    """Return the folder of what people look at, ``reports/<dataset>``."""
    return Path("reports") / dataset


@contextmanager
def replacing(*targets: Path) -> Iterator[list[Path]]:
    """Give a temporary path for each target and move them all there once the block has succeeded.

    A process killed at any moment leaves each target as it was, new and complete, or not there, but never half.
    What it leaves behind (``*.partial``) the next run removes.

    Parameters
    ----------
    *targets : Path
        Files or folders, existing or not.

    Yields
    ------
    list of Path
        Paths beside the targets, at which the block creates what shall replace them.
    """
    partials = [target.with_name(target.name + ".partial") for target in targets]
    for partial in partials:
        _remove(partial)
        partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield partials
    except BaseException:
        for partial in partials:
            _remove(partial)
        raise
    for partial, target in zip(partials, targets, strict=True):
        if target.is_dir() or partial.is_dir():
            _remove(target)
        partial.replace(target)


def load_array(path: Path) -> np.ndarray:
    """Map a ``.npy`` file into memory; what is written to the array never reaches the file."""
    try:
        array: np.ndarray = np.load(path, mmap_mode="c")
    except FileNotFoundError:
        raise _missing(path) from None
    except (ValueError, EOFError) as error:
        raise _damaged(path, error) from None
    return array


def create_array(path: Path, shape: tuple[int, ...]) -> np.memmap[Any, Any]:
    """Make a ``.npy`` file of float32 zeros and map it into memory, to be written to.

    The zeros are written out, so that a full disk is an error here and not a crash in the middle of the work.
    """
    dtype = np.dtype(np.float32)
    n_bytes = dtype.itemsize * math.prod(shape)
    zeros = memoryview(bytes(min(n_bytes, BLOCK_BYTES)))
    with path.open("wb") as file:
        header = {"descr": dtype.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, n_bytes, BLOCK_BYTES):
            file.write(zeros[: n_bytes - start])
    array: np.memmap[Any, Any] = np.load(path, mmap_mode="r+")
    return array


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV file with every cell as text, an empty cell as the empty text."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise _missing(path) from None
    except ValueError as error:
        raise _damaged(path, error) from None


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a CSV file whose bytes depend on the table alone, numbers with six significant digits.

    `read_table` gives back every text as it was.
    """
    _write_csv(path, table, csv.QUOTE_MINIMAL)
    # to look at what is written takes a tenth of the time that looking at every cell does
    if _is_misread(table) or _holds_return(path):
        _write_csv(path, table, csv.QUOTE_ALL)


def _write_csv(path: Path, table: pd.DataFrame, quoting: Literal[0, 1]) -> None:
    table.to_csv(path, index=False, lineterminator="\n", float_format="%.6g", quoting=quoting)


def _is_misread(table: pd.DataFrame) -> bool:
    """Say whether a reader would take a cell without quotes for an empty line, or for a mark of byte order."""
    if str(table.columns[0]).startswith("\ufeff"):
        return True
    return table.shape[1] == 1 and any(not str(cell).strip() for cell in table.iloc[:, 0])


def _holds_return(path: Path) -> bool:
    """Say whether a cell holds a carriage return, which Python's writer leaves without quotes before version 3.13."""
    with path.open("rb") as file:
        return any(b"\r" in block for block in iter(lambda: file.read(BLOCK_BYTES), b""))


def read_json(path: Path) -> Any:
    """Read a JSON file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _missing(path) from None
    except ValueError as error:
        raise _damaged(path, error) from None


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file, indented, in UTF-8."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _missing(path: Path) -> InputError:
    return InputError(f"{path}: not found; `dvc repro` makes it (one stage alone needs what the earlier ones leave)")


def _damaged(path: Path, error: Exception) -> InputError:
    reason = " ".join(str(error).split())
    return InputError(f"{path}: damaged ({reason}); remove it and `dvc repro` makes it again")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
