"""A repository with a cleaned data set of each kind, two versions of each, and a remote: made without the pipeline."""

import hashlib
import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from stages.artifacts.files import write_json
from stages.clean.__main__ import write_checksums
from tests.conftest import Clone

LABELS = ["cat", "dog", "cat", "dog", "cat"]
SPLITS = ["train", "train", "train", "test", "test"]
IMAGES = np.arange(5 * 6, dtype=np.uint8).reshape(5, 1, 2, 3)
TEXTS = ["where is my card?", "NA", 'says "no",\nand goes', "أين بطاقتي؟", " 1 "]
TABLE = pd.DataFrame({
    "age": ["31", "", "7", "45", "8"], "share": ["0.5", "1e-3", "-.25", "0", "2."],
    "postcode": ["01067", *["04103"] * 4], "account": ["12345678901234567", *["2"] * 4],
    "city": ["Dresden", "", "NA", "Leipzig", "nan"], "label": list("abcde"),
})  # fmt: skip
SIZES = [(4, 3), (2, 2), (3, 5), (6, 1), (5, 5)]


def make_repository(folder: Path) -> Clone:
    """Make the repository at ``folder``, its remote beside it."""
    clone = Clone(folder)
    for name in ("pictures", "photos", "rows", "texts"):
        clone.path(f"data/{name}/certificate").mkdir(parents=True)
        clone.path(f"data/{name}/decisions.csv").write_text("id,given_label,decision,label,reviewer\n")
        write_json(clone.path(f"data/{name}/certificate/certificate.json"), {"state": "none"})
        write_cleaned(clone, name)
    clone.path("dvc.yaml").write_text("stages: {}\n")
    clone.run("git", "init", "--quiet", "--initial-branch=main")
    clone.run("dvc", "init", "--quiet")
    clone.run("dvc", "remote", "add", "--quiet", "--default", "store", str(folder.with_name("store")))
    release(clone, "1.0.0")
    # in the second, somebody removed the first row
    for name in ("pictures", "photos", "rows", "texts"):
        write_cleaned(clone, name, removed=(0,))
    release(clone, "1.10.0")
    return clone


def release(clone: Clone, version: str) -> None:
    """Commit and push what there is, as a version of each data set."""
    clone.run("dvc", "add", "--quiet", *(f"data/{name}/cleaned" for name in ("pictures", "photos", "rows", "texts")))
    clone.run("dvc", "add", "--quiet", "data/photos/raw")
    clone.run("dvc", "push", "--quiet")
    clone.commit(f"Version {version}")
    for name in ("pictures", "photos", "rows", "texts"):
        clone.run("git", "tag", "--annotate", "--message", version, f"{name}-labels@v{version}")


def write_cleaned(clone: Clone, name: str, removed: tuple[int, ...] = ()) -> None:
    """Write a data set's folder as the stage clean leaves it."""
    folder = clone.path(f"data/{name}/cleaned")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    ids = [f"{row}.png" if name == "photos" else str(row) for row in range(5)]
    label = ["" if row in removed else given for row, given in enumerate(LABELS)]
    status = ["removed" if row in removed else "kept" for row in range(5)]
    labels: dict[str, Any] = {"id": ids, "given_label": LABELS, "label": label, "status": status, "by": ""}
    labels |= {"decided_by": ""} | ({"split": SPLITS} if name == "pictures" else {})
    pd.DataFrame(labels).to_csv(folder / "labels.csv", index=False)
    write_json(folder / "classes.json", ["dog", "cat"])
    write_content(clone, name, folder)
    write_checksums(folder)


def write_content(clone: Clone, name: str, folder: Path) -> None:
    if name == "pictures":
        np.save(folder / "images.npy", IMAGES)
    elif name == "photos":
        archive = clone.path("data/photos/raw/pictures.zip")
        write_archive(archive)
        about = {"archive": "data/photos/raw/pictures.zip", "sha256": hashlib.sha256(archive.read_bytes()).hexdigest()}
        write_json(folder / "pictures.json", about)
    else:
        (TABLE if name == "rows" else pd.DataFrame({"text": TEXTS})).to_csv(folder / "rows.csv", index=False)


def write_archive(path: Path) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        for row, size in enumerate(SIZES):
            file = io.BytesIO()
            Image.new("RGB", size, (row, 100, 200)).save(file, "PNG")
            archive.writestr(f"{row}.png", file.getvalue())
