"""Splits, from folders or from a named column, come through all stages, and data without them are as they were."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from stages.artifacts.files import read_json, read_table
from stages.fetch.settings import Settings
from stages.fetch.sources import csv, images, npz, parquet
from stages.inspect.duplicates import tabulate_sets
from tests.sources import STAGES, Block, run, write_block

SPLITS = ["test", "train", "", "train"]
FOLDS: Block = {"split": {"folds": 2}, "clean": {}, "report": {}}
DATA = Path("data/toy")


def make_pictures(folder: Path) -> Block:
    """Write twelve pictures of two classes in two splits; one is in both, as a cat and as a dog."""
    for row in range(12):
        split, label = ("train", "test")[row % 3 == 0], ("cat", "dog")[row % 2]
        path = folder / "pets" / split / label / f"{row:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        shade = np.full((8, 8), 20 + 180 * (row % 2) + row, np.uint8)
        shade[row % 8] = 255 - shade[row % 8]
        Image.fromarray(shade).save(path)
    (folder / "pets/train/cat/00.png").write_bytes((folder / "pets/test/dog/03.png").read_bytes())
    fetch: Block = {"fetch": {"sources": ["images:pets"]}, "preprocess": {"image_shape": [1, 8, 8]}}
    return fetch | FOLDS | {"crossval_predict": {"max_epochs": 1}}


def make_table(folder: Path) -> Block:
    """Write a table of twelve rows with a column ``part``, empty in two rows."""
    rows = range(12)
    table = pd.DataFrame({"k": rows, "animal": ["cat", "dog"] * 6, "part": ["train", "test", "train", ""] * 3})
    table["size"] = [row % 2 * 5 + row / 10 for row in rows]
    table.to_csv(folder / "data.csv", index=False)
    return {"fetch": {"sources": ["csv:data.csv"], "label": "animal", "id": "k", "split": "part"}} | FOLDS


@pytest.mark.parametrize("make", [make_pictures, make_table])
def test_splits_come_through_all_stages(make: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_block(tmp_path, make(tmp_path))  # type: ignore[operator]
    assert [run(tmp_path, stage, monkeypatch) for stage in STAGES] == [0] * len(STAGES)
    raw, ids, cleaned = (
        read_table(DATA / name) for name in ("raw/labels.csv", "prepared/ids.csv", "cleaned/labels.csv")
    )
    assert list(raw)[:3] == ["id", "label", "split"]
    assert list(ids)[:2] == ["id", "split"]
    assert cleaned["split"].tolist() == ids["split"].tolist() == raw["split"].tolist()
    assert set(raw["split"]) <= {"train", "test", ""}
    if make is make_pictures:
        assert [row_id.split("/")[0] for row_id in raw["id"]] == raw["split"].tolist()
        assert read_json(DATA / "prepared/classes.json") == ["cat", "dog"]
        check_what_is_in_both()
    else:
        assert [column["name"] for column in read_json(DATA / "prepared/columns.json")] == ["size"]


def check_what_is_in_both() -> None:
    duplicates = read_table(DATA / "examples/duplicates.csv")
    assert duplicates[duplicates["set"] == "1"]["id"].tolist() == ["test/dog/03.png", "train/cat/00.png"]
    assert duplicates[duplicates["set"] == "1"]["split"].tolist() == ["test", "train"]
    assert set(duplicates[duplicates["set"] == "1"]["splits_differ"]) == {"True"}
    metrics, page = read_json(Path("reports/toy/metrics.json")), Path("reports/toy/index.html").read_text()
    assert metrics["duplicates_across_splits"] >= 1
    counts = metrics["splits"]
    assert {name: split["rows"] for name, split in counts.items()} == {"test": 4, "train": 9}
    assert sum(split["flagged"] for split in counts.values()) == metrics["flagged"]
    assert "In test and train." in page
    assert "<h2>Splits</h2>" in page


def test_sets_across_splits_come_first() -> None:
    ids, content = pd.Series(list("abcdef")), np.array([0, 0, 1, 1, 2, 2])
    given, scores, sets = np.array(list("xyxxxx"), dtype=object), np.zeros(3), np.arange(3)
    splits = pd.Series(["train", "train", "train", "", "test", "train"])
    table = tabulate_sets(ids, given, content, sets, scores, splits)
    assert "".join(table["id"]) == "efabcd"
    assert table["splits_differ"].tolist() == [True] * 2 + [False] * 4
    assert table["split"].tolist() == ["test", "train", "train", "train", "train", ""]
    without = tabulate_sets(ids, given, content, sets, scores)
    assert list(without) == ["set", "id", "given_label", "kind", "score", "labels_differ"]
    assert "".join(without["id"]) == "abcdef"


@pytest.mark.parametrize("module", [csv, parquet])
def test_a_named_column_is_the_split_and_no_feature(module: object, tmp_path: Path) -> None:
    table = pd.DataFrame({"y": ["a", "b", "a", "b"], "n": [1, 2, 3, 4], "part": SPLITS})
    if module is parquet:
        pytest.importorskip("pyarrow")
        table["part"] = table["part"].where(table["part"] != "")
        table.to_parquet(tmp_path / "data")
    else:
        table.to_csv(tmp_path / "data", index=False)
    settings = Settings(sources=["any"], label="y", split="part")
    raw = module.fetch(str(tmp_path / "data"), settings)  # type: ignore[attr-defined]
    assert list(raw.rows) == ["n"]
    assert raw.table["split"].tolist() == SPLITS
    assert list(raw.table) == ["id", "label", "split"]


def test_photographs_of_clothes_have_ten_classes_in_two_splits(real_data: Path) -> None:
    if not (real_data / "clothes.zip").exists():
        pytest.skip("REAL_DATA has no clothes.zip")
    table = images.fetch(str(real_data / "clothes.zip"), Settings(sources=["any"])).table
    assert table["label"].nunique() == 10
    assert table["split"].value_counts().to_dict() == {"test": 372, "validation": 341}
    assert (table["id"].str.split("/").str[:2].str.join("/") == table["split"] + "/" + table["label"]).all()


def test_arrays_may_have_splits(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=np.eye(4), y=[1, 2, 1, 2], splits=SPLITS)
    assert npz.fetch(str(tmp_path / "a.npz"), Settings(sources=["any"])).table["split"].tolist() == SPLITS
