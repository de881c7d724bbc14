"""Small data sets of five kinds, and what the commands that are killed find of them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from PIL import Image
from sklearn.datasets import load_iris

from benchmarks.kill_process import Command, run
from benchmarks.kill_traces import copy
from benchmarks.workplace import ROOT, read_block
from stages.artifacts.decisions import REQUIRED
from stages.artifacts.files import read_table

STAGES = (
    "check", "watch", "fetch", "preprocess", "embed", "inspect", "split", "crossval_predict", "consensus",
    "find_issues", "clean", "certify", "flip", "audit", "compare", "report",
)  # fmt: skip
Block = dict[str, dict[str, Any]]


def make_digits(folder: Path) -> Block:
    """Take the digits as shipped, trained for two epochs."""
    block: Block = read_block("digits")
    block["crossval_predict"]["max_epochs"] = 2
    block["split"] |= {"folds": 3, "repeats": 1}
    return block


def make_table(folder: Path) -> Block:
    """Write scikit-learn's iris as a table, with an id and a category."""
    features, labels = load_iris(return_X_y=True)
    table = pd.DataFrame(features, columns=["a", "b", "c", "d"]).assign(colour=np.where(labels > 1, "blue", "red"))
    table.insert(0, "flower", [f"f{row}" for row in range(len(table))])
    table.assign(kind=np.array(["x", "y", "z"])[labels]).to_csv(folder / "table.csv", index=False)
    return {
        "fetch": {"sources": ["csv:table.csv"], "label": "kind", "id": "flower"},
        "crossval_predict": {"model": "logistic_regression"},
        "find_issues": {"flag": "budget", "budget": 5},
    }


def make_annotated(folder: Path) -> Block:
    """Write the same with what three annotators said of each flower, who err now and then."""
    block = make_table(folder)
    table, rng = pd.read_csv(folder / "table.csv"), np.random.default_rng(0)
    for name in ("ann", "bob", "cy"):
        table[name] = table["kind"].where(rng.random(len(table)) < 0.8, "x")
    table.drop(columns="kind").to_csv(folder / "table.csv", index=False)
    block["fetch"]["label"] = ["ann", "bob", "cy"]
    return block


def make_texts(folder: Path) -> Block:
    """Write short texts of two classes, some of them under the other's."""
    words, labels = ("meow purr", "bark growl"), [row % 2 for row in range(120)]
    texts = [f"{words[label if row % 20 else 1 - label]} {row}" for row, label in enumerate(labels)]
    pd.DataFrame({"said": texts, "animal": labels}).to_csv(folder / "texts.csv", index=False)
    return {
        "fetch": {"sources": ["csv:texts.csv"], "label": "animal"},
        "preprocess": {"text": "said"},
        "find_issues": {"flag": "budget", "budget": 5},
    }


def make_pictures(folder: Path) -> Block:
    """Write pictures of two classes into folders."""
    rng = np.random.default_rng(0)
    for row in range(60):
        place = folder / "pictures" / ("dark", "light")[row % 2]
        place.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 128, (16, 16, 3)) + 128 * (row % 2)
        Image.fromarray(pixels.astype(np.uint8)).save(place / f"{row:02}.png")
    return {
        "fetch": {"sources": ["images:pictures"]},
        "preprocess": {"image_shape": [3, 16, 16]},
        "split": {"folds": 2},
        "crossval_predict": {"max_epochs": 1, "model": "cnn"},
        "find_issues": {"flag": "budget", "budget": 5},
    }


MAKERS = {
    "digits": make_digits, "table": make_table, "annotated": make_annotated, "texts": make_texts,
    "pictures": make_pictures,
}  # fmt: skip


def make_stages(scratch: Path, kinds: tuple[str, ...]) -> Iterator[Command]:
    """Yield each stage with the data set of each kind as the stage finds it; the last place is finished."""
    for kind in kinds:
        folder = scratch / kind / "0"
        # as in every clone: what runs in a folder further down has its notes there
        (folder / ".dvc").mkdir(parents=True)
        params = {"datasets": [kind], "audited": [kind], "compared": [], kind: MAKERS[kind](folder)}
        (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
        # `watch` takes what `check` has made
        for number, stage in enumerate(STAGES):
            command = Command(stage, ("-m", f"stages.{stage}", kind), scratch / kind / str(number))
            after = copy(command.place, scratch / kind / str(number + 1))
            run(command, after)
            yield command


def find_finished(scratch: Path, kind: str) -> Path:
    """Return the place in which all stages have run."""
    return scratch / kind / str(len(STAGES))


def make_labels(scratch: Path) -> Iterator[Command]:
    """Yield the commands that work on what the stages have made."""
    table, texts, pictures = (find_finished(scratch, kind) for kind in ("table", "texts", "pictures"))
    yield Command("labels certify", ("-m", "labels", "certify", "table", "--goal", "5%"), table)
    planned = copy(table, scratch / "planned")
    run(Command("plan", ("-m", "labels", "certify", "table", "--goal", "5%", "--confidence", "90%"), planned), planned)
    yield Command("labels certify", ("-m", "labels", "certify", "table", "--goal", "8%"), planned)
    yield Command("labels export", ("-m", "labels", "export", "pictures", "out/new", "--as", "folders"), pictures)
    yield Command("labels export", ("-m", "labels", "export", "table", "out", "--as", "csv"), table)
    yield Command("review export", ("-m", "review", "export", "label-studio", "texts"), texts)
    answered = copy(texts, scratch / "answered")
    write_answers(answered, "texts")
    yield Command("review import", ("-m", "review", "import", "label-studio", "texts", "answers.json"), answered)


def write_answers(folder: Path, dataset: str) -> None:
    """Write what Label Studio exports once somebody has answered about every row of a data set, each with a note."""
    prepared = folder / "data" / dataset / "prepared"
    labels, classes = np.load(prepared / "labels.npy"), json.loads((prepared / "classes.json").read_text())
    records = [
        {
            "id": row, "annotation_id": row, "annotator": 1, "dataset": dataset, "row_id": row_id,
            "given_label": classes[labels[row]], "suggested_label": classes[0], "label_quality": 0.5,
            "label": classes[0], "note": "x" * 10_000, "updated_at": "2026-11-24T11:55:55Z",
        }
        for row, row_id in enumerate(read_table(prepared / "ids.csv")["id"])
    ]  # fmt: skip
    (folder / "answers.json").write_text(json.dumps(records), encoding="utf-8")


def make_release(scratch: Path) -> Iterator[Command]:
    """Yield the commands on versions, in a clone that has run the digits and has a remote."""
    folder = scratch / "clone"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), str(folder)], check=True)
    params = {"datasets": ["digits"], "audited": [], "compared": [], "digits": make_digits(folder)}
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    (folder / "data" / "digits" / "decisions.csv").write_text(",".join(REQUIRED) + "\n", encoding="utf-8")
    lock = yaml.safe_load((folder / "dvc.lock").read_text(encoding="utf-8"))
    lock["stages"] = {name: stage for name, stage in lock["stages"].items() if name.endswith("@digits")}
    (folder / "dvc.lock").write_text(yaml.safe_dump(lock), encoding="utf-8")
    # what is temporary goes into the folder, and is nothing to commit
    (folder / ".git" / "info" / "exclude").write_text("tmp/\n", encoding="utf-8")
    store, dvc = str(scratch / "store"), [sys.executable, "-m", "dvc"]
    git = ["git", "-c", "user.name=Killer", "-c", "user.email=killer@example.org"]
    for line in (
        ["git", "remote", "remove", "origin"], ["git", "config", "user.name", "Killer"],
        ["git", "config", "user.email", "killer@example.org"], [*dvc, "remote", "add", "--force", "store", store],
        [*dvc, "config", "core.remote", "store"], [*dvc, "repro", "--quiet"], ["git", "add", "--all"],
        [*git, "commit", "--quiet", "--message", "Run the digits"], [*dvc, "push", "--quiet"],
    ):  # fmt: skip
        subprocess.run(line, cwd=folder, check=True)
    release = Command("labels release", ("-m", "labels", "release", "digits", "1.0.0"), folder)
    yield release
    released, empty = copy(folder, scratch / "released"), scratch / "empty"
    run(release, released)
    yield Command("labels diff", ("-m", "labels", "diff", "digits", "v1.0.0", "HEAD", "--csv", "diff.csv"), released)
    empty.mkdir()
    shutil.copytree(folder / ".dvc", empty / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    get = ("-m", "dvc", "artifacts", "get", str(released), "digits-labels", "--rev", "v1.0.0", "--out", "out")
    yield Command("dvc artifacts get", get, empty)
