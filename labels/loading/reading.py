"""Reads the files of a cleaned data set, each checked against its SHA-256."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labels.loading.data import Data, Kind
from labels.loading.files import Files
from labels.loading.places import LoadError, Place, shorten

# as the stage `clean` writes them
LABELS, CLASSES, SUMS = "labels.csv", "classes.json", "SHA256SUMS"
ARRAY, FILES, ROWS = "images.npy", "pictures.json", "rows.csv"
DISTRIBUTION = "label_distribution.npy"
CERTIFICATE = "certificate/certificate.json"
# how a cell is written that is a number: a code such as 007, or one longer than a float holds, is none
NUMBER = r"[+-]?(?:(?:0|[1-9]\d{0,14})(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?"
TEXT = "text"


def read_data(name: str, place: Place) -> Data:
    """Read what `labels.load` returns."""
    cleaned = Cleaned(name, place)
    labels = cleaned.read_table(LABELS)
    kept = (labels["label"] != "").to_numpy()
    rows = labels[kept].reset_index(drop=True)
    kind, features = read_features(cleaned, kept, rows["id"].tolist())
    return Data(
        name=name,
        version=place.version,
        kind=kind,
        features=features,
        rows=rows,
        classes=cleaned.read_json(CLASSES),
        certificate=read_certificate(name, place, cleaned.sums[LABELS]),
        n_removed=int((labels["status"] == "removed").sum()),
        n_unlabelled=int((labels["status"] == "unlabelled").sum()),
        distribution=np.load(cleaned.find(DISTRIBUTION))[kept] if DISTRIBUTION in cleaned.sums else None,
    )


class Cleaned:
    """The folder of a cleaned data set."""

    def __init__(self, name: str, place: Place) -> None:
        self._folder, self._place = f"data/{name}/cleaned", place
        file = place.fetch(f"{self._folder}/{SUMS}")
        if file is None:
            raise LoadError(place.explain(f"{self._folder}/{LABELS}"))
        lines = file.read_text(encoding="utf-8").splitlines()
        self.sums = {name: checksum for checksum, name in (line.split("  ", 1) for line in lines)}

    def find(self, name: str) -> Path:
        """Return where a file of the folder lies, whole."""
        return find_whole(self._place, f"{self._folder}/{name}", self.sums[name])

    def read_json(self, name: str) -> Any:
        """Read a JSON file of the folder."""
        return json.loads(self.find(name).read_text(encoding="utf-8"))

    def read_table(self, name: str) -> pd.DataFrame:
        """Read a CSV file of the folder, all cells as text."""
        return pd.read_csv(self.find(name), dtype=str, keep_default_na=False)

    def open_files(self, ids: list[str]) -> Files:
        """Open the pictures of some rows, in the archive that holds them."""
        about = self.read_json(FILES)
        return Files(find_whole(self._place, about["archive"], about["sha256"]), ids, self._place.scratch)


def find_whole(place: Place, path: str, checksum: str) -> Path:
    """Return where a file lies, once its bytes are those that it should have."""
    file = place.fetch(path)
    if file is None:
        raise LoadError(place.explain(path))
    with file.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != checksum:
            raise LoadError(
                f"{path} in {place.version}: is not whole, or was changed: its SHA-256 is not {checksum[:8]}…; remove "
                "it, also from DVC's cache, and `dvc pull` again; if that does not help, from the remote too"
            )
    return file


def read_features(cleaned: Cleaned, kept: np.ndarray, ids: list[str]) -> tuple[Kind, Any]:
    """Return what the rows are, and what is in them."""
    if ARRAY in cleaned.sums:
        images = np.load(cleaned.find(ARRAY))
        return "picture", images if kept.all() else images[kept]
    if FILES in cleaned.sums:
        return "picture", cleaned.open_files(ids)
    cells = cleaned.read_table(ROWS)[kept].reset_index(drop=True)
    if list(cells) == [TEXT]:
        return "text", cells[TEXT].to_numpy(dtype=object)
    return "table", cells.apply(read_column)


def read_column(cells: pd.Series) -> pd.Series:
    """Return a column as numbers if each cell that is not empty is one; an empty cell is missing."""
    filled = cells.where(cells != "", None)
    return pd.to_numeric(filled) if cells[cells != ""].str.fullmatch(NUMBER).all() else filled


def read_certificate(name: str, place: Place, labels: str) -> dict[str, Any] | None:
    """Return the certificate of the labels with this SHA-256, or None if there is none."""
    file = place.fetch(f"data/{name}/{CERTIFICATE}")
    try:
        certificate: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file else {}
    except ValueError as error:
        raise LoadError(f"data/{name}/{CERTIFICATE}: damaged ({shorten(error)}); `dvc repro` makes it again") from None
    return certificate if certificate.get("label_version") == labels else None
