"""What the earlier stages found, read from their artifacts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.certificate import read_certificate
from stages.artifacts.decisions import Verdict
from stages.artifacts.examples import Cells, Photographs, Pictures, open_examples
from stages.artifacts.files import data_folder, load_array, read_json, read_table
from stages.artifacts.fitting import Rows, read_decisions
from stages.artifacts.found import Trouble, read_trouble
from stages.artifacts.issues import FLAGGED, read_issues
from stages.artifacts.quality import read_quality
from stages.artifacts.seen import describe_seen
from stages.artifacts.trust import Trust, read_trust
from stages.artifacts.unlabelled import read_unlabelled
from stages.command.errors import InputError
from stages.report.annotators import Several, read_several
from stages.report.reviewers import Looks, read_looks


@dataclass(frozen=True)
class Results:
    """What several sections show of one data set of n rows and K classes.

    Attributes
    ----------
    dataset : str
        Its name.
    trust : Trust
        Whether the model may judge.
    examples : Pictures, Photographs or Cells
        What the rows look like.
    seen : str
        What a model sees of them, if that is not what they look like.
    pred_probs : ndarray of shape (n, K), float32
        Out-of-sample probabilities, memory-mapped.
    classes : list of K str
        Their names.
    rows : DataFrame of n rows
        As `read_quality` returns it, with row (from 0); flagged_runs, how many of several runs flag it, as text, empty
        if that is not known; and six columns of bool: unlabelled, whether it has no given label: then the others are
        false; flagged; decided, whether people decided on it; wrong, whether they changed or removed the given label;
        left_out, whether its class is too rare to be judged; and ranked, whether it is in the ranking: rows that are
        left out are not, nor are those whose decision the model was trained with. Where rows have splits, also split,
        as text.
    unlabelled : DataFrame
        As `read_unlabelled` returns it.
    by_class : DataFrame of K rows
        classes.csv: label quality by class.
    expected : DataFrame with the columns rows, expected, low, high
        yield.csv: how many errors the worst rows are expected to hold.
    reliability : DataFrame
        reliability.csv: how often labels are the suggested ones, by the probability of those.
    curves : DataFrame
        Losses and accuracy by repeat, fold and epoch, and of several models by member.
    made_on : dict
        made_on.json: the processor and the devices that predicted; empty if the probabilities are from elsewhere.
    steadiness : dict
        steadiness.json: how many runs were averaged, and how far they flag the same rows.
    repeats : int
        How many times the rows were dealt into folds.
    cleaned, changes : DataFrame
        The cleaned labels, and those of them that differ, all as text.
    noise_rate : float
        cleanlab's estimate of the share of wrong labels.
    certificate : dict
        certificate.json: how many labels are wrong at most, or its state alone if nothing is planned.
    trouble : Trouble
        Duplicates, outliers, and rows that are not in the data set.
    several : Several, optional
        What several annotators said, if there are any.
    looks : Looks
        What reviewers said of rows at which somebody looked again.
    """

    dataset: str
    trust: Trust
    examples: Pictures | Photographs | Cells
    seen: str
    pred_probs: np.ndarray
    classes: list[str]
    rows: pd.DataFrame
    unlabelled: pd.DataFrame
    by_class: pd.DataFrame
    expected: pd.DataFrame
    reliability: pd.DataFrame
    curves: pd.DataFrame
    cleaned: pd.DataFrame
    changes: pd.DataFrame
    noise_rate: float
    certificate: dict[str, Any]
    trouble: Trouble
    several: Several | None
    looks: Looks
    made_on: dict[str, Any]
    steadiness: dict[str, Any]
    repeats: int


def read_results(dataset: str) -> Results:
    """Read all that the report is made of."""
    folder = data_folder(dataset)
    quality = read_quality(folder)
    joint = read_table(folder / "quality" / "joint.csv").iloc[:, 1:].astype(float).to_numpy()
    classes = read_json(folder / "prepared" / "classes.json")
    examples = open_examples(dataset, "prepared", quality["id"].tolist())
    return Results(
        dataset=dataset,
        trust=read_trust(folder),
        examples=examples,
        seen=describe_seen(dataset) if isinstance(examples, Photographs) else "",
        pred_probs=load_array(folder / "predictions" / "pred_probs.npy"),
        classes=classes,
        rows=_read_rows(folder, quality, classes),
        unlabelled=read_unlabelled(folder),
        by_class=_to_numbers(read_table(folder / "quality" / "classes.csv"), but="class"),
        expected=_to_numbers(read_table(folder / "quality" / "yield.csv")),
        reliability=_to_numbers(read_table(folder / "quality" / "reliability.csv")),
        curves=_to_numbers(read_table(folder / "predictions" / "curves.csv"), but="member"),
        cleaned=read_table(folder / "cleaned" / "labels.csv"),
        changes=read_table(folder / "changes.csv"),
        noise_rate=float(1 - np.trace(joint)),
        certificate=read_certificate(folder),
        trouble=read_trouble(dataset, quality["id"]),
        several=read_several(folder),
        looks=read_looks(folder, Rows.of(read_table(folder / "prepared" / "ids.csv"), quality["given_label"])),
        made_on=_read_if_there(folder / "predictions" / "made_on.json"),
        steadiness=read_json(folder / "quality" / "steadiness.json"),
        repeats=_count_repeats(folder / "predictions" / "folds.npy"),
    )


def find_examples(results: Results, ids: list[str]) -> pd.DataFrame:
    """Return the rows with the given ids, in their order.

    Raises
    ------
    InputError
        Naming every id that the data set does not have.
    """
    by_id = results.rows.set_index("id", drop=False)
    unknown = [row_id for row_id in ids if row_id not in by_id.index]
    if unknown:
        raise InputError(
            f"params.yaml: report.examples: no row has the id {', '.join(map(repr, unknown))}; "
            f"ids look like {by_id.index[0]!r} and {by_id.index[-1]!r}"
        )
    return by_id.loc[ids]


def _read_rows(folder: Path, quality: pd.DataFrame, classes: list[str]) -> pd.DataFrame:
    ids = quality["id"]
    issues = read_issues(folder).set_index("id")
    runs = issues.get("flagged_runs", pd.Series(dtype=object))
    table = read_table(folder / "prepared" / "ids.csv")
    decisions = read_decisions(folder / "decisions.csv", Rows.of(table, quality["given_label"]), classes)
    unlabelled = quality["given_label"] == ""
    # what people called a row without a label says nothing of labels that were given
    said = ids.map({row_id: decision.decision for row_id, decision in decisions.items()}).mask(unlabelled)
    known = np.array(load_array(folder / "training" / "decided.npy"))
    unjudged = quality["judged_label"] == ""
    splits = table[["split"]] if "split" in table else table[[]]
    return quality.join(splits).assign(
        row=np.arange(len(ids)),
        unlabelled=unlabelled,
        flagged=ids.isin(issues.index[issues["flagged"] == FLAGGED]),
        flagged_runs=ids.map(runs).fillna(""),
        decided=said.notna(),
        wrong=said.isin([Verdict.RELABEL, Verdict.REMOVE]),
        left_out=unjudged & ~unlabelled & ~(known & (said == Verdict.REMOVE)),
        ranked=~unjudged & ~known,
    )


def _read_if_there(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = read_json(path) if path.exists() else {}
    return value


def _count_repeats(path: Path) -> int:
    return int(load_array(path).shape[1]) if path.exists() else 1


def _to_numbers(table: pd.DataFrame, but: str = "") -> pd.DataFrame:
    return table.assign(**{name: pd.to_numeric(table[name]) for name in map(str, table) if name != but})
