"""Small data sets as a user has them, and their stages, run in this process as their commands run them."""

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from stages.command.params import SECTIONS
from stages.command.run import run_stage

# a section of params.yaml is a stage's, in the order of the pipeline
STAGES = (*SECTIONS[:-1], "certify", "report")
N_ROWS = 12
LABELS = ["cat", "dog"] * (N_ROWS // 2)
Block = dict[str, dict[str, Any]]


def make_source(folder: Path, kind: str) -> Block:
    """Write a table, texts, pictures or arrays, and return the block of params.yaml that takes them."""
    block = WRITERS[kind](folder)
    others: Block = {"split": {"folds": 2}, "crossval_predict": {}, "find_issues": {}, "clean": {"undecided": "keep"}}
    return {"preprocess": {}, **block, **others, "report": {}}


def _make_table(folder: Path) -> Block:
    sizes = [row % 2 * 5 + row / 10 for row in range(N_ROWS)]
    table = pd.DataFrame({"k": [f"r{row}" for row in range(N_ROWS)], "animal": LABELS, "size": sizes})
    table.assign(coat=["grey", "brown", "grey"] * 4).to_csv(folder / "data.csv", index=False)
    return {"fetch": {"sources": ["csv:data.csv"], "label": "animal", "id": "k"}}


def _make_texts(folder: Path) -> Block:
    texts = [f"{'meow' if label == 'cat' else 'a bark'} {row}" for row, label in enumerate(LABELS)]
    pd.DataFrame({"said": texts, "animal": LABELS}).to_csv(folder / "data.csv", index=False)
    return {"fetch": {"sources": ["csv:data.csv"], "label": "animal"}, "preprocess": {"text": "said"}}


def _make_arrays(folder: Path) -> Block:
    np.savez(folder / "data.npz", features=_make_pixels(), labels=LABELS)
    return {"fetch": {"sources": ["npz:data.npz"]}, "preprocess": {"image_shape": [1, 8, 8]}}


def _make_pictures(folder: Path) -> Block:
    for row, label in enumerate(LABELS):
        (folder / "pets" / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(_make_pixels()[row]).save(folder / "pets" / label / f"{row:02}.png")
    return {
        "fetch": {"sources": ["images:pets"]},
        "preprocess": {"image_shape": [1, 8, 8]},
    }


WRITERS = {"table": _make_table, "text": _make_texts, "arrays": _make_arrays, "pictures": _make_pictures}


def _make_pixels() -> np.ndarray:
    return np.arange(N_ROWS * 64, dtype=np.uint8).reshape(N_ROWS, 8, 8) // 4


def write_block(folder: Path, block: Block) -> None:
    """Write params.yaml with the block of ``toy``."""
    (folder / "params.yaml").write_text(yaml.safe_dump({"toy": block}, allow_unicode=True), encoding="utf-8")


def run(folder: Path, stage: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a stage on ``toy``, and return the exit code."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", [f"stages.{stage}", "toy"])
    monkeypatch.setenv("CLEAN_LABELS_WORKERS", "1")
    monkeypatch.setattr("stages.crossval_predict.folds.prepared.SHARED", folder)
    try:
        run_stage(stage, importlib.import_module(f"stages.{stage}.__main__").main)
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def list_files(folder: Path) -> dict[str, bytes]:
    """Return the content of all files below a folder, by name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
