"""`python -m dataset check` names every mistake of params.yaml at once, in a moment, before anything is fetched."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from dataset.check import check
from tests.conftest import ROOT

MOST_SECONDS = 2
HEAVY = ("torch", "cleanlab", "sklearn", "skorch", "matplotlib", "dvc")
CSV = {"sources": ["csv:a.csv"], "label": "kind"}
PICTURES = {"sources": ["images:photos"]}
SHAPED = {"image_shape": [3, 8, 8]}

Check = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def check_block(workplace: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Check a block beside data of each kind, and return the exit code and the lines for mistakes."""
    shutil.copy(ROOT / "dvc.yaml", workplace)
    rows = {"size": range(30), "note": ["a b"] * 30, "kind": ["cat", "dog", "owl"] * 10, "half": ["x", ""] * 15}
    rare = ["rare", *["cat", "dog"] * 14, "cat"]
    pd.DataFrame({**rows, "number": np.arange(30) + 0.5, "one": "x", "rare": rare}).to_csv("a.csv", index=False)
    for name in (f"{kind}/{number}.png" for kind in ("cat", "dog") for number in range(5)):
        (workplace / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(workplace / "photos" / name)
    np.savez("a.npz", features=np.zeros((10, 64)), labels=np.arange(10) % 2)

    def run(block: Any, **rest: Any) -> tuple[int, list[str]]:
        Path("params.yaml").write_text(yaml.safe_dump({"datasets": [], "pets": block, **rest}, sort_keys=False))
        began = time.process_time()
        code = check(None)
        assert time.process_time() - began < MOST_SECONDS
        return code, capsys.readouterr().err.splitlines()

    return run


BROKEN = [
    ("no source", {"fetch": {}}, ["pets.fetch.sources: missing; add the key"]),
    ("an empty block", {}, ["pets.fetch.sources: missing; add the key"]),
    ("a section twice spelt", {"fetch": CSV, "preproces": {}}, ["pets.preproces: unknown section (did you mean"]),
    ("an unknown key", {"fetch": CSV, "split": {"fold": 3}}, ["pets.split.fold: unknown key (did you mean 'folds'?)"]),
    ("a value", {"fetch": CSV, "split": {"folds": 1}}, ["pets.split.folds: 1 is not allowed"]),
    ("a type", {"fetch": CSV, "report": {"top": "many"}}, ["pets.report.top: 'many' is not allowed"]),
    ("no section", {"fetch": CSV, "clean": [1]}, ["pets.clean: must hold keys and values, not [1]"]),
    (
        "a moved key",
        {"fetch": CSV, "crossval_predict": {"folds": 3}},
        ["pets.crossval_predict.folds: this key lies in"],
    ),
    (
        "no such kind",
        {"fetch": {**CSV, "sources": ["cvs:a.csv"]}},
        ["'cvs:a.csv' is of no known kind (did you mean 'csv'?)"],
    ),
    ("nothing behind it", {"fetch": {**CSV, "sources": ["csv:"]}}, ["'csv:' names nothing after its kind"]),
    (
        "no such file",
        {"fetch": {**CSV, "sources": ["csv:b.csv"]}},
        ["pets.fetch.sources: csv:b.csv: b.csv is not there"],
    ),
    ("no such pattern", {"fetch": {**CSV, "sources": ["csv:b*.csv"]}}, ["b*.csv matches no file"]),
    (
        "no such folder",
        {"fetch": {"sources": ["images:cats"]}, "preprocess": SHAPED},
        ["images:cats: cats is not there"],
    ),
    ("no label", {"fetch": {"sources": ["csv:a.csv"]}}, ["pets.fetch.label: name the label's column"]),
    ("no such label", {"fetch": {**CSV, "label": "kinds"}}, ["fetch.label: no column is called 'kinds' (did you mean"]),
    (
        "no such id and group",
        {"fetch": {**CSV, "id": "i", "group": "g"}},
        ["fetch.id: no column", "fetch.group: no column"],
    ),
    (
        "one column for two",
        {"fetch": {**CSV, "id": "kind"}},
        ["fetch.id and fetch.label both name", "fetch.label and fetch.id"],
    ),
    (
        "no such text",
        {"fetch": CSV, "preprocess": {"text": "notes"}},
        ["preprocess.text: the column 'notes' is not there"],
    ),
    (
        "the label as a text",
        {"fetch": CSV, "preprocess": {"text": "kind"}},
        ["the column 'kind' is the label, the id,"],
    ),
    (
        "no such columns",
        {"fetch": CSV, "preprocess": {"columns": {"a": "date", "b": "date"}}},
        ["'a' is not", "'b' is not"],
    ),
    ("a table as pictures", {"fetch": CSV, "preprocess": SHAPED}, ["preprocess.image_shape: this data set is a table"]),
    (
        "columns of pictures",
        {"fetch": {**PICTURES, "label": "x"}, "preprocess": SHAPED},
        ["fetch.label: counts only for"],
    ),
    (
        "texts of pictures",
        {"fetch": PICTURES, "preprocess": {**SHAPED, "text": "x"}},
        ["preprocess.text: has an effect only"],
    ),
    ("no shape", {"fetch": PICTURES}, ["pets.preprocess.image_shape: auto is trained on pixels"]),
    (
        "another shape",
        {"fetch": {"sources": ["npz:a.npz"]}, "preprocess": SHAPED},
        ["makes 192 pixels, and a row has 64"],
    ),
    (
        "another model",
        {"fetch": CSV, "crossval_predict": {"model": "cnn"}},
        ["cnn is for pictures, and these are a table"],
    ),
    ("no such model", {"fetch": CSV, "crossval_predict": {"model": "nosuch.module:Net"}}, ["no module nosuch.module"]),
    (
        "no such class",
        {"fetch": CSV, "preprocess": {"classes": {"Cat": "cat"}}},
        ["preprocess.classes: no class is called"],
    ),
    (
        "rows without a label",
        {"fetch": {**CSV, "label": "half"}},
        ["15 rows have no label", "fetch.label: every row is labelled"],
    ),
    ("one class", {"fetch": {**CSV, "label": "one"}}, ["fetch.label: every row is labelled 'x'"]),
    (
        "measurements",
        {"fetch": {**CSV, "label": "number"}},
        ["fetch.label: labels are 30 different numbers in 30 rows"],
    ),
    (
        "a rare class",
        {"fetch": {**CSV, "label": "rare"}},
        ["split.folds: 5 is more than the rows of 1 class(es): 'rare' (1)"],
    ),
    ("no folds", {"fetch": CSV, "split": {"folds": 0}}, ["split.folds: 0 deals none"]),
    (
        "no probabilities",
        {"fetch": CSV, "crossval_predict": {"pred_probs": "p.npy"}},
        ["pred_probs: p.npy is not there"],
    ),
    ("no vectors", {"fetch": CSV, "embed": {"source": "npy:v.npy"}}, ["embed.source: v.npy is not there"]),
    ("no digits", {"fetch": {"sources": ["sklearn:digitz"]}}, ["scikit-learn's 'digitz' is not offered"]),
    ("no version", {"fetch": {"sources": ["openml:mnist_784"]}}, ["'mnist_784' is not NAME@VERSION"]),
    (
        "all at once",
        {"fetch": {**CSV, "label": "x", "sha": 1}, "split": {"folds": 1}, "clen": {}, "embed": {"source": "npy:v.npy"}},
        ["pets.clen: unknown", "pets.fetch.sha: unknown", "pets.split.folds: 1", "embed.source: v.npy is not there"],
    ),
]


@pytest.mark.parametrize(("block", "starts"), [each[1:] for each in BROKEN], ids=[each[0] for each in BROKEN])
def test_every_mistake_of_a_block_is_named_at_once(
    check_block: Check, block: dict[str, Any], starts: list[str]
) -> None:
    code, lines = check_block(block)
    assert code == 2
    assert len(lines) == len(starts), lines
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith("dataset: error: params.yaml: pets.")
        assert start in line


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ({"datasets": ["pest"]}, "params.yaml: datasets: no block is called 'pest' (did you mean 'pets'?)"),
        ({"datasets": None}, "params.yaml: datasets: must be a list of data sets such as [digits], not None"),
        ({"audited": ["dogs"]}, "params.yaml: audited: no block for the data set 'dogs'"),
        ({"dogs": None}, "params.yaml: dogs: must hold the sections of a data set, not None"),
        ({"datasets": ["pets"]}, "dvc.yaml: artifacts: no pets-labels with `path: data/pets/cleaned`"),
        ({"the dogs": {"fetch": CSV}}, "'the dogs' cannot name a data set"),
    ],
)
def test_the_lists_and_the_names_are_looked_at(check_block: Check, rest: dict[str, Any], message: str) -> None:
    code, lines = check_block({"fetch": CSV}, **rest)
    assert (code, len(lines)) == (2, 1), lines
    assert message in lines[0]


def test_what_is_there_twice_is_named(check_block: Check, workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check_block({"fetch": CSV})
    with (workplace / "params.yaml").open("a") as file:
        file.write("pets:\n  fetch: {sources: [csv:a.csv], label: kind, label: half}\n")
    check(None)
    err = capsys.readouterr().err
    assert "params.yaml: pets: is there twice, in lines 2 and 7; remove one" in err
    assert "params.yaml: pets.fetch.label: is there twice, in lines 8 and 8; remove one" in err


@pytest.mark.parametrize(
    "block",
    [
        {"fetch": CSV},
        {"fetch": CSV, "preprocess": {"text": ["note", "half"]}, "crossval_predict": {"model": "tfidf"}},
        {"fetch": {**CSV, "split": "half"}, "preprocess": {"columns": {"size": "categorical"}}, "gate": {}},
        {"fetch": PICTURES, "preprocess": SHAPED},
        {"fetch": {"sources": ["npz:a.npz"]}, "preprocess": {"image_shape": [1, 8, 8]}},
        {"fetch": {"sources": ["openml:iris@1", "csv:https://example.org/a.csv"]}},
    ],
)
def test_a_block_that_is_right_passes(check_block: Check, block: dict[str, Any]) -> None:
    assert check_block(block) == (0, [])


def test_of_large_tables_the_columns_are_compared(check_block: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataset.looks.csv.MOST_BYTES", 10)
    assert check_block({"fetch": {**CSV, "label": "one"}}) == (0, [])
    _, lines = check_block({"fetch": {**CSV, "label": "kinds"}})
    assert "fetch.label: no column is called 'kinds' (did you mean 'kind'?)" in lines[0]


def test_what_was_fetched_from_elsewhere_is_compared(check_block: Check, workplace: Path) -> None:
    raw = workplace / "data/pets/raw"
    raw.mkdir(parents=True)
    pd.DataFrame({"id": [0, 1], "label": ["a", "b"]}).to_csv(raw / "labels.csv", index=False)
    pd.DataFrame({"size": [0, 1]}).to_csv(raw / "rows.csv", index=False)
    block = {"fetch": {"sources": ["csv:https://example.org/a.csv"], "label": "kind"}, "preprocess": {"text": "note"}}
    _, lines = check_block(block)
    assert [
        "preprocess.text: the column 'note' is not there; there are: size" in lines[0],
        "split.folds: 5" in lines[1],
    ]


def test_nothing_large_is_imported(check_block: Check, workplace: Path) -> None:
    check_block({"fetch": CSV})
    for command in (["check"], ["list"], ["show", "pets"]):
        code = (
            f"import sys, runpy; sys.argv = ['dataset', *{command!r}]\n"
            "try: runpy.run_module('dataset', run_name='__main__')\n"
            f"finally: print(sorted({{*sys.modules}} & {{*{HEAVY!r}}}))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=workplace, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.splitlines()[-1] == "[]", command
