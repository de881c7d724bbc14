"""A small table and a few texts as the stages before `find_issues` leave them, with every kind of trouble in them."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.files import write_json
from tests.conftest import ROOT
from tests.data_sets import make_neighbours
from tests.review import HEAD, write_found

CLASSES = ["<b>cat</b>", "dog", "خطاب"]
N_ROWS, N_COLUMNS = 60, 10
HOSTILE = '<script>alert("x")</script>, "quoted"\nand a second line'
LONG = "a long text " * 400
ARABIC = "أين بطاقتي؟"


def make_rows(kind: str) -> pd.DataFrame:
    """Return what is in rows.csv: its first rows are hostile, long, and of another script; 4 and 5 are the same."""
    if kind == "text":
        texts = [HOSTILE, LONG, ARABIC, "", *(f"text {row}" for row in range(4, N_ROWS))]
        texts[5] = texts[4]
        return pd.DataFrame({"text": texts})
    table = pd.DataFrame({f"column {k}": [f"{row}.{k}" for row in range(N_ROWS)] for k in range(N_COLUMNS - 1)})
    table.insert(0, "2010", [HOSTILE, LONG, ARABIC, "", *map(str, range(4, N_ROWS))])
    table.loc[5] = table.loc[4]
    return table


def make_kind(folder: Path, kind: str) -> Path:
    """Make a data set called digits, whose first five rows are each labelled as the class after their own."""
    data = folder / "data/digits"
    for name in ("prepared", "training", "predictions", "examples"):
        (data / name).mkdir(parents=True)
    ids = [f"row-{row}" for row in range(N_ROWS)]
    true = np.arange(N_ROWS) % len(CLASSES)
    given = np.where(np.arange(N_ROWS) < 5, (true + 1) % len(CLASSES), true)
    pred_probs = np.full((N_ROWS, len(CLASSES)), 0.02, dtype=np.float32)
    pred_probs[np.arange(N_ROWS), true] = 0.96
    pd.DataFrame({"id": ids}).to_csv(data / "prepared/ids.csv", index=False)
    write_json(data / "prepared/classes.json", CLASSES)
    write_json(data / "prepared/kind.json", kind)
    rows = make_rows(kind)
    rows.to_csv(data / "prepared/rows.csv", index=False, lineterminator="\n")
    if kind == "table":
        # the first column is one of names, and left out
        np.save(data / "prepared/features.npy", rows.iloc[:, 1:].to_numpy(dtype=np.float64))
        write_json(data / "prepared/columns.json", [{"name": name, "kind": "numeric"} for name in rows.columns[1:]])
    for name in ("prepared", "training"):
        np.save(data / name / "labels.npy", given)
    np.save(data / "prepared/contents.npy", np.arange(N_ROWS))
    np.save(data / "examples/neighbours.npy", make_neighbours(true).nearest.astype(np.int32))
    np.save(data / "training/decided.npy", np.zeros(N_ROWS, dtype=bool))
    np.save(data / "training/order.npy", np.arange(N_ROWS))
    np.save(data / "predictions/pred_probs.npy", pred_probs)
    (data / "predictions/curves.csv").write_text("repeat,fold,epoch,train_loss,valid_loss,valid_accuracy\n")
    (data / "decisions.csv").write_text(f"{HEAD}\n")
    make_trouble(data, [CLASSES[k] for k in given])
    shutil.copy(ROOT / "params.yaml", folder)
    return folder


def make_found(folder: Path, kind: str) -> Path:
    """Make the data set, and what `find_issues` leaves: the first five rows flagged."""
    data = make_kind(folder, kind) / "data/digits"
    (data / "quality").mkdir()
    labels, pred_probs = np.load(data / "prepared/labels.npy"), np.load(data / "predictions/pred_probs.npy")
    names, given_prob = np.array(CLASSES, dtype=object), pred_probs[np.arange(N_ROWS), labels]
    quality = pd.DataFrame({
        "id": [f"row-{row}" for row in range(N_ROWS)], "given_label": names[labels], "judged_label": names[labels],
        "suggested_label": names[pred_probs.argmax(axis=1)], "label_quality": given_prob,
        "given_prob": given_prob, "suggested_prob": pred_probs.max(axis=1),
        "error_prob": np.where(np.arange(N_ROWS) < 5, 0.8, 0.05),
    })  # fmt: skip
    write_found(data, quality, n_flagged=5, n_next=0)
    return folder


def make_trouble(data: Path, given: list[str]) -> None:
    """Write down two sets of duplicates, the first with different labels, two outliers, and a row that was left out."""
    (data / "examples").mkdir(exist_ok=True)
    duplicates = [
        (1, "row-4", given[4], "exact", "0", True), (1, "row-5", given[5], "exact", "0", True),
        (2, "row-6", given[6], "near", "0.0125", False), (2, "row-9", given[9], "near", "0.0125", False),
    ]  # fmt: skip
    write_rows(data / "examples/duplicates.csv", "set,id,given_label,kind,score,labels_differ", duplicates)
    outliers = [("row-1", given[1], "0.0375"), ("row-30", given[30], "0.0475")]
    write_rows(data / "examples/outliers.csv", "id,given_label,score", outliers)
    write_rows(data / "prepared/left_out.csv", "id,label,reason", [("<i>row-99</i>", "dog", "empty")])
    write_json(data / "examples/examples.json", {"compared": True, "rows": N_ROWS, "reason": ""})


def write_rows(path: Path, head: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head.split(","), *rows])
