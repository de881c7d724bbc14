"""A small table through `fetch` and `preprocess`, for tests of how its cells and labels are read."""

import csv
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.sources import list_files, run, write_block


class Prepared(NamedTuple):
    """What came of it: the exit code, what was printed, and what lies in prepared/, by name of the file."""

    code: int
    out: str
    err: str
    files: dict[str, bytes]

    @property
    def columns(self) -> list[dict[str, Any]]:
        described: list[dict[str, Any]] = json.loads(self.files["columns.json"])
        return described

    @property
    def kinds(self) -> list[str]:
        return [column["kind"] for column in self.columns]

    @property
    def remarks(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = json.loads(self.files.get("remarks.json", b"[]"))
        return listed


class Preparing:
    """Runs the two stages on a table in a folder."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.patch, self.capsys = folder, patch, capsys

    def __call__(self, table: dict[str, list[str]], labels: list[str] | None = None, **keys: Any) -> Prepared:
        n_rows = len(next(iter(table.values()))) if table else len(labels or [])
        columns = {**table, "y": labels or ["ab"[row % 2] for row in range(n_rows)]}
        with (self.folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([columns, *zip(*columns.values(), strict=True)])
        block = {"fetch": {"sources": ["csv:data.csv"], "label": "y"}, "preprocess": keys}
        write_block(self.folder, {**block, "split": {"folds": 2}})
        assert run(self.folder, "fetch", self.patch) == 0, self.capsys.readouterr().err
        self.capsys.readouterr()
        code = run(self.folder, "preprocess", self.patch)
        prepared = self.folder / "data/toy/prepared"
        return Prepared(code, *self.capsys.readouterr(), list_files(prepared) if prepared.exists() else {})

    def features(self) -> np.ndarray:
        values: np.ndarray = np.load(self.folder / "data/toy/prepared/features.npy")
        return values
