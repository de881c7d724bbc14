"""Make the cleaned data set: ``python -m stages.clean DATASET``.

Reads ``data/<dataset>/decisions.csv``, which people write and no stage does, and writes ``data/<dataset>/cleaned/``:
``labels.csv``, a row for each example, with its split and what tells its file from others, if it has them, and with how
many annotators gave which label, if there are several;
``images.npy`` or ``rows.csv`` in the same order or, for pictures in files, ``pictures.json``, which says where they
are; ``label_distribution.npy`` (n, K) float32, the probability of each class, if there are several annotators;
``classes.json`` and ``SHA256SUMS``; and ``data/<dataset>/changes.csv``, the rows whose cleaned label differs from the
given one.

By default no label changes that no person has seen. A rule that changes others acts only on flagged rows that are
probably wrong, and only if the model is good (``quality/model.json``).
"""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from stages.artifacts.cleaned import PEOPLE, PICTURES, RULE
from stages.artifacts.decisions import LABELLED, STATUS, UNLABELLED, Decision, Verdict, apply_verdict
from stages.artifacts.files import data_folder, read_json, read_table, replacing, write_json, write_table
from stages.artifacts.fitting import Rows, read_decisions
from stages.artifacts.issues import read_flagged
from stages.artifacts.kind import name_content
from stages.artifacts.originals import find_archive
from stages.artifacts.trust import Worth, read_verdict
from stages.clean.annotated import add_votes, write_distribution
from stages.clean.settings import Settings
from stages.command.errors import InputError, some
from stages.command.params import read_section
from stages.command.run import run_stage

# how `by` ends for a flagged row that the rule would have changed
HELD_BACK = ", held back"


def main(dataset: str) -> str:
    """Clean the labels and return a line that says how many changed."""
    settings = read_section(dataset, "clean", Settings)
    folder = data_folder(dataset)
    quality = read_table(folder / "quality" / "label_quality.csv")
    ids = read_table(folder / "prepared" / "ids.csv")
    classes = read_json(folder / "prepared" / "classes.json")
    flagged = set(read_flagged(folder)["id"])
    decisions = read_decisions(folder / "decisions.csv", Rows.of(ids, quality["given_label"]), classes)
    model = read_verdict(folder)
    cleaned = clean_labels(quality, flagged, decisions, settings, model)
    check_classes(cleaned, classes)
    changes = list_changes(cleaned, quality, decisions)
    with replacing(folder / "cleaned", folder / "changes.csv") as (cleaned_folder, changes_file):
        cleaned_folder.mkdir()
        # what ids.csv says of the rows beside
        rows = add_votes(cleaned.merge(ids, on="id", how="left", validate="1:1"), folder, classes)
        write_table(cleaned_folder / "labels.csv", rows)
        shutil.copyfile(folder / "prepared" / "classes.json", cleaned_folder / "classes.json")
        write_distribution(cleaned_folder, cleaned, folder, classes)
        write_content(dataset, cleaned_folder)
        write_checksums(cleaned_folder)
        write_table(changes_file, changes)
    counts = cleaned["status"].value_counts()
    statuses = [*STATUS.values(), *(status for status in (LABELLED, UNLABELLED) if status in counts)]
    listed = ", ".join(f"{counts.get(status, 0):,} {status}" for status in statuses)
    return f"{listed}; {len(decisions):,} decided on by people{describe_held_back(cleaned, model)}"


def write_content(dataset: str, cleaned: Path) -> None:
    """Write what the rows hold: of pictures in files where these are, so that nothing holds them twice."""
    archive, prepared = find_archive(dataset), data_folder(dataset) / "prepared"
    if not archive.exists():
        name = name_content(prepared)
        shutil.copyfile(prepared / name, cleaned / name)
        return
    with archive.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    write_json(cleaned / PICTURES, {"archive": archive.as_posix(), "sha256": sha256})


def clean_labels(
    quality: pd.DataFrame, flagged: set[str], decisions: dict[str, Decision], settings: Settings, model: str
) -> pd.DataFrame:
    """Apply the decisions, and to flagged rows without one the rule for undecided rows.

    Parameters
    ----------
    quality : DataFrame with the columns id, given_label, suggested_label, suggested_prob, error_prob
        A row for each example.
    flagged : set of str
        The ids of the flagged rows.
    decisions : dict of str to Decision
        By id, for any rows, flagged or not.
    settings : Settings
        The rule for flagged rows that nobody has decided on.
    model : str
        How far the model may be believed: without a good one the rule changes nothing.

    Returns
    -------
    DataFrame with the columns id, given_label, label, status, by, decided_by
        In the order of ``quality``. The label of a removed row is empty, so that nobody trains on it unawares, and so
        is that of a row which had none, until people give it one: the status is `LABELLED` then. ``by`` names
        the reviewers or the rule, ``decided_by`` is `PEOPLE` or `RULE`; both are empty if neither had a say.
    """
    judged = [
        _judge(row, row["id"] in flagged, decisions.get(row["id"]), settings, model)
        for row in quality.to_dict("records")
    ]
    labels, statuses, by, decided_by = zip(*judged, strict=True)
    return quality[["id", "given_label"]].assign(label=labels, status=statuses, by=by, decided_by=decided_by)


def describe_held_back(cleaned: pd.DataFrame, model: str) -> str:
    """Say on how many rows the rule would have acted and did not, and why; nothing if there are none."""
    count = int(cleaned["by"].str.endswith(HELD_BACK).sum())
    why = "error_prob below act_above" if model == Worth.GOOD else f"the model is {model}"
    return f"; the rule held back on {count:,} flagged {'row' if count == 1 else 'rows'}: {why}" if count else ""


def check_classes(cleaned: pd.DataFrame, classes: list[str]) -> None:
    """Raise InputError if a class has no rows left."""
    emptied = sorted(set(classes) - set(cleaned["label"]), key=classes.index)
    if emptied:
        raise InputError(
            f"no row would be left of {len(emptied)} class(es): {some(map(repr, emptied))}; flag fewer "
            "(find_issues in params.yaml), set clean.undecided to keep, or decide on some rows in decisions.csv"
        )


def list_changes(cleaned: pd.DataFrame, quality: pd.DataFrame, decisions: dict[str, Decision]) -> pd.DataFrame:
    """Return the rows whose cleaned label differs from the given one, with the score and the reviewer's note."""
    notes = [decisions[row_id].note if row_id in decisions else "" for row_id in cleaned["id"]]
    table = cleaned.assign(label_quality=quality["label_quality"], note=notes)
    return table[table["label"] != table["given_label"]]


def write_checksums(folder: Path) -> None:
    """Write ``SHA256SUMS``, by which ``sha256sum --check`` proves that what DVC pulled is whole."""
    lines = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _judge(
    row: dict[Any, str], is_flagged: bool, decision: Decision | None, settings: Settings, model: str
) -> tuple[str, str, str, str]:
    if not row["given_label"]:
        return _judge_unlabelled(decision)
    decided_by = PEOPLE if decision else RULE if is_flagged else ""
    if decision:
        verdict, label, by = Verdict(decision.decision), decision.label, decision.reviewer
    elif is_flagged:
        verdict, by = _apply_rule(row, settings, model)
        label = row["suggested_label"]
    else:
        verdict, label, by = Verdict.KEEP, "", ""
    label = apply_verdict(verdict, row["given_label"], label)
    status = STATUS[Verdict.KEEP if label == row["given_label"] else verdict]
    return label, status, by, decided_by


def _judge_unlabelled(decision: Decision | None) -> tuple[str, str, str, str]:
    """Return the same of a row without a given label, which no rule labels."""
    if decision is None:
        return "", UNLABELLED, "", ""
    label = apply_verdict(decision.decision, "", decision.label)
    return label, LABELLED if label else STATUS[Verdict.REMOVE], decision.reviewer, PEOPLE


def _apply_rule(row: dict[Any, str], settings: Settings, model: str) -> tuple[Verdict, str]:
    """Return what becomes of a flagged row that nobody has decided on, and how ``by`` says so."""
    verdict, by = Verdict(settings.undecided), f"undecided: {settings.undecided}"
    if verdict == Verdict.KEEP:
        return verdict, by
    # asked in this way, an error_prob that is no number keeps the row, too
    if not (model == Worth.GOOD and float(row["error_prob"]) >= settings.act_above):
        return Verdict.KEEP, f"{by}{HELD_BACK}"
    if verdict == Verdict.RELABEL and float(row["suggested_prob"]) < settings.relabel_above:
        return Verdict.REMOVE, f"{by}, unsure"
    return verdict, by


if __name__ == "__main__":
    run_stage("clean", main)
