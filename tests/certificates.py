"""A small data set that is labelled, judged and cleaned by the real code, without a model or DVC."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.decisions import COLUMNS
from stages.artifacts.files import read_table, write_json, write_table
from stages.artifacts.fitting import Rows, read_decisions
from stages.certificate.plan import Plan, read_plan
from stages.certify.__main__ import main
from stages.clean.__main__ import clean_labels
from stages.clean.settings import Settings

CLASSES = ["a", "b", "c"]
BEFORE, AFTER = "2020-01-01T10:00:00Z", "2100-01-01T10:00:00Z"


class Toy:
    """The data set ``toy`` in the current folder, of which every tenth row is flagged.

    Parameters
    ----------
    n_rows : int
        How many rows.
    split : bool
        Whether every third row is of the split test, and the others of train.
    worthless : bool
        Whether the model expects nothing.
    """

    def __init__(self, n_rows: int = 300, *, split: bool = False, worthless: bool = False) -> None:
        self.folder = Path("data/toy")
        for name in ("quality", "cleaned", "certificate"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        Path("params.yaml").write_text("toy: {fetch: {sources: ['csv:toy.csv']}}\n")
        chances = np.where(np.arange(n_rows) % 10 == 0, 0.3, 0.005)
        self.rows = pd.DataFrame({"id": [f"r{row}" for row in range(n_rows)], "given_label": "a"})
        self.rows.loc[self.rows.index % 2 == 1, "given_label"] = "b"
        self.rows["error_prob"] = np.nan if worthless else chances
        if split:
            self.rows["split"] = np.where(np.arange(n_rows) % 3 == 0, "test", "train")
        self.write([])

    def write(self, lines: list[list[str]]) -> None:
        """Write decisions.csv anew, and let it take effect."""
        with (self.folder / "decisions.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([list(COLUMNS[:6]), *lines])
        self.clean()

    def clean(self, **settings: Any) -> None:
        """Write what the earlier stages leave."""
        ids = self.rows[["id", *(["split"] if "split" in self.rows else [])]]
        quality = self.rows.assign(
            judged_label=self.rows["given_label"], suggested_label="c", label_quality=0.5, given_prob=0.5,
            suggested_prob=0.95, prior_error_prob=0.1, rank=range(1, len(self.rows) + 1),
        )  # fmt: skip
        write_table(self.folder / "quality" / "label_quality.csv", quality)
        flagged = self.rows[self.rows.index % 10 == 0]
        write_table(self.folder / "issues.csv", flagged[["id", "given_label"]].assign(flagged="yes"))
        rows = Rows.of(ids, self.rows["given_label"])
        decisions = read_decisions(self.folder / "decisions.csv", rows, CLASSES)
        table = read_table(self.folder / "quality" / "label_quality.csv")
        cleaned = clean_labels(table, set(flagged["id"]), decisions, Settings(**settings), "good")
        write_table(self.folder / "cleaned" / "labels.csv", cleaned.merge(ids, on="id"))
        write_json(self.folder / "cleaned" / "classes.json", CLASSES)

    @property
    def plan(self) -> Plan:
        plan = read_plan(self.folder)
        assert plan
        return plan

    def judge(self, count: int, wrong: int = 0, *, reviewer: str = "ann", first: int = 0) -> list[list[str]]:
        """Return decisions on so many drawn rows, of which the first few are wrong."""
        rows = self.plan.rows.iloc[first : first + count].itertuples()
        return [
            [str(row.id), str(row.label), *(["relabel", "c"] if place < wrong else ["keep", ""]), reviewer, AFTER]
            for place, row in enumerate(rows)
        ]

    def certify(self) -> dict[str, Any]:
        """Run the stage and return what it wrote."""
        main("toy")
        certificate: dict[str, Any] = json.loads(self.path.read_text())
        return certificate

    @property
    def path(self) -> Path:
        return self.folder / "certificate" / "certificate.json"
