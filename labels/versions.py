"""Reads one version of the cleaned labels, from the working tree or through DVC from its cache or remote."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import yaml
from dvc.api import DVCFileSystem
from dvc.exceptions import DvcException

from labels.revisions import Revision, find_prefix, read_committed
from stages.artifacts.cleaned import PEOPLE, PICTURES, RULE
from stages.artifacts.decisions import Decision, apply_verdict, parse_decisions
from stages.artifacts.examples import Cells, Photographs, Pictures, open_examples
from stages.artifacts.files import data_folder, read_table
from stages.artifacts.fitting import Rows, fit
from stages.artifacts.originals import Originals
from stages.artifacts.standing import agree, find_conflict
from stages.command.errors import InputError
from stages.command.params import PARAMS_FILE

WORKING_TREE = "the working tree"
# how `by` begins for a row that the rule decided on
RULE_PREFIX = "undecided: "


@dataclass(frozen=True)
class LabelVersion:
    """The cleaned labels as they were at one time.

    Attributes
    ----------
    name : str
        What the user calls it.
    labels : DataFrame with the columns id, given_label, label, status, by, decided_by
        All as text; a removed row's label is empty.
    standing : dict of str to list of Decision
        Each reviewer's last decision, by id, of those that fit the labels.
    """

    name: str
    labels: pd.DataFrame
    standing: dict[str, list[Decision]]

    @property
    def decisions(self) -> dict[str, Decision]:
        """The decision on each id, its reviewers joined as `by` has them."""
        return agree(self.standing)


def read_version(dataset: str, revision: Revision | None) -> LabelVersion:
    """Read the labels and the decisions at a revision; None is the working tree.

    Raises
    ------
    InputError
        If there are no labels, or their data is neither here nor on a remote.
    """
    labels = read_labels(dataset, revision)
    standing = fit(_read_decisions(dataset, revision), Rows.of(labels, labels["given_label"])).standing
    return LabelVersion(revision.name if revision else WORKING_TREE, labels, standing)


def read_labels(dataset: str, revision: Revision | None) -> pd.DataFrame:
    """Read the labels alone, as a `LabelVersion` has them."""
    path = cleaned_file(dataset, "labels.csv")
    if revision is None and not path.exists():
        raise InputError(
            f"{path}: not found; `dvc repro` makes it, or `dvc pull {path.parent}` brings the last commit's"
        )
    if revision is None:
        return fill_decided_by(read_table(path))
    text = read_data(revision, path).decode("utf-8")
    return fill_decided_by(pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False))


def fill_decided_by(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the labels with the column decided_by, which versions from before there was one lack.

    A released version never changes, so for these `by` alone tells who decided: the rule wrote `RULE_PREFIX` there.
    """
    if "decided_by" in labels:
        return labels
    by_rule = labels["by"].str.startswith(RULE_PREFIX)
    return labels.assign(decided_by=np.where(by_rule, RULE, np.where(labels["by"] == "", "", PEOPLE)))


def read_examples(dataset: str, version: LabelVersion, revision: Revision | None) -> Pictures | Photographs | Cells:
    """Return what the rows of a version look like, in the order of its labels."""
    ids = version.labels["id"].tolist()
    if revision is None:
        return open_examples(dataset, "cleaned", ids)
    folder, files = data_folder(dataset) / "cleaned", open_files(revision)
    if files.exists(locate(folder / PICTURES)):
        archive = Path(json.loads(read_data(revision, folder / PICTURES))["archive"])
        return Photographs(Originals(archive, ids, open_data(revision, archive)))
    if files.exists(locate(folder / "rows.csv")):
        return Cells(np.frombuffer(read_data(revision, folder / "rows.csv"), dtype=np.uint8))
    return Pictures(np.load(io.BytesIO(read_data(revision, folder / "images.npy"))))


def find_unapplied(dataset: str, version: LabelVersion) -> Iterator[str]:
    """Yield a line if decisions.csv in the working tree says more than the cleaned labels do.

    Raises
    ------
    InputError
        If people disagree, so that nothing can be applied.
    """
    conflicts = [conflict for same in version.standing.values() for conflict in find_conflict(same)]
    if conflicts:
        path = data_folder(dataset) / "decisions.csv"
        raise InputError("\n".join(f"{path} {conflict}" for conflict in conflicts))
    decisions = version.decisions
    rows = version.labels[version.labels["id"].isin(decisions) | (version.labels["decided_by"] == PEOPLE)]
    late = sum(not _is_applied(decisions.get(row["id"]), row) for row in rows.to_dict("records"))
    if late:
        yield (
            f"{late:,} of the decisions in decisions.csv are not applied yet: run `dvc repro`, or press Apply on the "
            "start page"
        )


def is_cleaned_at(dataset: str, revision: Revision) -> bool:
    """Say whether the pipeline of a revision cleans a data set, whether or not its data is within reach.

    Raises
    ------
    InputError
        If params.yaml lists it there, and DVC knows nothing of it: then nothing can be compared.
    """
    folder = data_folder(dataset) / "cleaned"
    if is_dvc(open_files(revision), revision, folder):
        return True
    try:
        params = yaml.safe_load(read_committed(revision, PARAMS_FILE) or "{}")
        listed = dataset in params["datasets"]
    except (yaml.YAMLError, KeyError, TypeError):
        listed = False
    if listed:
        raise InputError(
            f"{folder} at {revision.name}: {PARAMS_FILE} lists {dataset} there, but DVC does not know this folder; "
            "mend dvc.yaml and dvc.lock there, or name another revision"
        )
    return False


def is_dvc(files: DVCFileSystem, revision: Revision, path: Path) -> bool:
    """Say whether DVC keeps a file or folder at a revision.

    Raises
    ------
    InputError
        If dvc.yaml or dvc.lock is damaged there.
    """
    try:
        return bool(files.isdvc(locate(path)))
    except DvcException as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"dvc.yaml or dvc.lock at {revision.name}: damaged ({reason}); name another revision"
        ) from None


def cleaned_file(dataset: str, name: str) -> Path:
    """Return the path of a file of the cleaned data set."""
    return data_folder(dataset) / "cleaned" / name


def open_files(revision: Revision) -> DVCFileSystem:
    """Return the files of git and DVC at a revision; they begin at the top of the git repository."""
    return DVCFileSystem(rev=revision.commit, subrepos=True)


def locate(path: Path) -> str:
    """Return where a file of the current folder lies in them."""
    return f"{find_prefix()}{path.as_posix()}"


def read_data(revision: Revision, path: Path) -> bytes:
    """Read a file that DVC keeps, as it was at a revision."""
    with open_data(revision, path) as file:
        return file.read()


def open_data(revision: Revision, path: Path) -> IO[bytes]:
    """Open a file that DVC keeps, as it was at a revision; of a large one, only what is read is brought."""
    files = open_files(revision)
    if not is_dvc(files, revision, path.parent):
        raise InputError(
            f"{path}: the pipeline at {revision.name} does not make it; "
            "name a version whose params.yaml lists the data set in `datasets`"
        )
    try:
        file: IO[bytes] = files.open(locate(path))
    # each kind of remote raises its own errors
    except Exception as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path} at {revision.name}: neither in DVC's cache nor on a remote within reach ({reason}); bring it with "
            f"`dvc fetch --all-tags` (released versions) or `dvc pull` (the last commit's), or ask for a `dvc push`"
        ) from None
    return file


def _read_decisions(dataset: str, revision: Revision | None) -> list[Decision]:
    path = data_folder(dataset) / "decisions.csv"
    text = read_committed(revision, path)
    if text is None:
        return []
    return parse_decisions(path, text.encode(), revision.name) if revision else parse_decisions(path)


def _is_applied(decision: Decision | None, row: dict[Any, str]) -> bool:
    if decision is None:
        return False
    wanted = apply_verdict(decision.decision, decision.given_label, decision.label)
    return row["label"] == wanted and row["by"] == decision.reviewer
