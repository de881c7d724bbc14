"""Find the likely label errors: ``python -m stages.find_issues DATASET``.

Ranks the labels by the out-of-sample probabilities and writes ``data/<dataset>/issues.csv``, the flagged rows and
those next in rank, worst first, and ``data/<dataset>/quality/``: ``label_quality.csv``, a row for each example,
``classes.csv``, the estimates of which class is given for which, ``joint.csv``, ``noise_matrix.csv`` and
``inverse_noise_matrix.csv``, how many errors the worst rows are expected to hold, ``yield.csv``, how far one can rely
on the model's probabilities, ``reliability.csv``, whether the model may judge at all, ``model.json``, and how far
several repeats or models flag the same rows, ``steadiness.json``. With several, ``issues.csv`` says how many of them
flag each row. Of rows without a label, ``quality/unlabelled.csv`` has those first whose label is taken to teach most.

What people have decided, in ``data/<dataset>/decisions.csv``, moves what is expected and whether the model may judge.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from stages.artifacts.annotations import read_annotations, read_consensus, read_given
from stages.artifacts.decisions import parse_decisions
from stages.artifacts.files import data_folder, load_array, read_json, read_table, replacing, write_json, write_table
from stages.artifacts.fitting import Rows, fit
from stages.artifacts.held import hold_decided
from stages.artifacts.kind import read_kind
from stages.artifacts.labels import NO_LABEL, name_labels
from stages.artifacts.standing import mark_wrong
from stages.artifacts.trust import Trust, Worth, write_trust
from stages.artifacts.unlabelled import FILE
from stages.artifacts.vectors import read_source
from stages.command.errors import InputError
from stages.command.params import read_section
from stages.command.run import run_stage
from stages.find_issues.blocks import PredProbs
from stages.find_issues.confident import describe_rows
from stages.find_issues.doubts import count_votes
from stages.find_issues.judge import Agreed, Judged, judge_rows
from stages.find_issues.settings import Settings
from stages.find_issues.steadiness import compare_runs
from stages.find_issues.tables import list_issues, tabulate_rows, write_quality
from stages.find_issues.unlabelled import rank_unlabelled
from stages.find_issues.votes import read_neighbours
from stages.find_issues.worth import find_jumps, find_unlearnt

# below so many expected errors, the line has a decimal
FEW = 10


def main(dataset: str) -> str:
    """Flag rows and return a line that says how many, and how many errors are expected among them."""
    settings = read_section(dataset, "find_issues", Settings)
    folder = data_folder(dataset)
    classes = read_json(folder / "prepared" / "classes.json")
    table = read_table(folder / "prepared" / "ids.csv")
    ids = table["id"]
    decided, order = (np.array(load_array(folder / "training" / f"{name}.npy")) for name in ("decided", "order"))
    given, trained = read_labels(folder, table, classes, decided)
    # a row without a given label has none to judge, though the model may learn from what people called it
    trained[given == NO_LABEL] = NO_LABEL
    pred_probs = PredProbs(folder / "predictions" / "pred_probs.npy")
    check_rows(given, pred_probs, len(classes))
    labels, neighbours = np.maximum(np.where(trained < 0, given, trained), 0), read_neighbours(folder)
    rows = describe_rows(labels, pred_probs)
    votes = count_votes(neighbours, trained, rows, len(classes))
    wrong = read_wrong(folder, Rows.of(table, name_labels(given, classes)))
    judged = judge_rows(trained, pred_probs, rows, decided, order, settings, votes, wrong, read_agreed(folder))
    expected = judged.tabulate_yield()
    steadiness = compare_runs(folder / "predictions", labels, trained, decided, order, settings, neighbours, wrong)
    quality = tabulate_rows(ids, given, trained, rows, judged, order, classes)
    with replacing(folder / "quality", folder / "issues.csv") as (quality_folder, issues_file):
        quality_folder.mkdir()
        write_quality(quality_folder, quality, judged, expected, classes)
        trust = warn_of_jumps(judged.trust, read_table(folder / "predictions" / "curves.csv"))
        trust = warn_of_unlearnt(offer_features(trust, folder), judged, classes)
        write_trust(quality_folder, trust)
        write_json(quality_folder / "steadiness.json", steadiness.describe())
        write_table(issues_file, list_issues(quality, judged, steadiness))
        unlabelled = rank_unlabelled(quality, given, pred_probs, order)
        if len(unlabelled):
            write_table(quality_folder / FILE.name, unlabelled)
    n_labelled = len(given) - len(unlabelled)
    ranked = f"; {len(unlabelled):,} rows without a label ranked" if len(unlabelled) else ""
    return f"{judged.flagged.sum():,} of {n_labelled:,} rows flagged{describe(judged, expected)}{ranked}"


def read_labels(
    folder: Path, table: pd.DataFrame, classes: list[str], decided: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the given label of each row, and the one that is judged: those that were trained on, with -1 for none.

    Where there are several annotators, both are their consensus on rows on which nobody has decided; on the others the
    given label is the one that people saw.
    """
    given, trained = read_given(folder), np.array(load_array(folder / "training" / "labels.npy"))
    annotations = read_annotations(folder)
    if annotations is None:
        return given, trained
    given = hold_decided(given, annotations, table, classes, parse_decisions(folder / "decisions.csv"))
    return given, np.where(decided | (trained < 0), trained, given)


def read_agreed(folder: Path) -> Agreed | None:
    """Return what is known of the consensus of several annotators; None if that is nothing.

    Its quality finds wrong consensus labels better than the scores, which know the model alone
    (`benchmarks.agreement`). The votes of few rows tell next to nothing.
    """
    consensus = read_consensus(folder)
    if consensus is None or consensus.about["method"] == "majority":
        return None
    return Agreed(consensus.rows["quality"].to_numpy(dtype=float), consensus.doubts.astype(float))


def read_wrong(folder: Path, rows: Rows) -> np.ndarray:
    """Return what people found of each row's given label: 1 wrong, 0 right, NaN where nobody is sure."""
    return mark_wrong(fit(parse_decisions(folder / "decisions.csv"), rows).standing, rows.given)


def warn_of_jumps(trust: Trust, curves: pd.DataFrame) -> Trust:
    """Return the same with advice if the training jumped."""
    jumps = find_jumps(curves)
    return replace(trust, advice=[*trust.advice, jumps]) if jumps else trust


def offer_features(trust: Trust, folder: Path) -> Trust:
    """Return the same with advice if the model is not good, and pictures or texts have no pretrained features."""
    if trust.verdict == Worth.GOOD or read_kind(folder / "prepared") == "table":
        return trust
    if read_source(folder / "features")["pretrained"]:
        return trust
    offer = "For photographs and texts, try the features of a pretrained network (`embed.source`)."
    return replace(trust, advice=[offer, *trust.advice])


def warn_of_unlearnt(trust: Trust, judged: Judged, classes: list[str]) -> Trust:
    """Return the same with a reason if a weak model flags labels because it has not learnt their classes."""
    if trust.verdict != Worth.WEAK:
        return trust
    unlearnt = find_unlearnt(judged.labels, judged.rows.suggested, judged.flagged, classes)
    return replace(trust, reasons=[*trust.reasons, unlearnt]) if unlearnt else trust


def describe(judged: Judged, expected: pd.DataFrame) -> str:
    """Say how far the flags are to be believed."""
    if judged.trust.verdict == Worth.WORTHLESS:
        return "; nothing is expected: the model is worthless on these data, no better than guessing"
    if judged.trust.verdict == Worth.WEAK:
        return "; flags are where to look first: the model is weak on these data"
    n_expected = judged.error_prob[judged.flagged].sum()
    everywhere = expected.iloc[-1]
    in_all = (
        f"{count(everywhere['expected'])} in all rows, between {everywhere['low']:,.0f} and {everywhere['high']:,.0f}"
    )
    return f", of which {count(n_expected)} are expected to be errors; {in_all}"


def count(errors: float) -> str:
    """Return an expected number of errors, with a decimal if it is small."""
    return f"{errors:,.{int(errors < FEW)}f}"


def check_rows(labels: np.ndarray, pred_probs: PredProbs, n_classes: int) -> None:
    """Raise InputError if the probabilities are of other rows or classes than the labels."""
    if pred_probs.shape != (len(labels), n_classes):
        raise InputError(
            f"{pred_probs.path}: has shape {pred_probs.shape}, "
            f"but there are {len(labels)} labels of {n_classes} classes; "
            "run `dvc repro`, which predicts what was prepared"
        )


if __name__ == "__main__":
    run_stage("find_issues", main)
