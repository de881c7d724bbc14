"""What else may be wrong with a data set: duplicates, outliers, bad pictures, rows that were left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stages.artifacts.annotations import has_annotations
from stages.artifacts.files import data_folder, read_json, read_table
from stages.command.errors import InputError


@dataclass(frozen=True)
class Trouble:
    """What ``inspect`` and ``preprocess`` found of a data set.

    Attributes
    ----------
    duplicates : DataFrame with the columns set, id, given_label, kind, score, labels_differ, split, splits_differ
        A row for each member of a set: first sets across splits, then those whose labels differ. Where rows have no
        splits, split is empty.
    outliers : DataFrame with the columns id, given_label, score
        The most outlying row first.
    picture_quality : DataFrame with the columns id, given_label, kind, score
        A row for each thing that is wrong with a picture, worst first; a score goes from 0, the worst, to 1.
    left_out : DataFrame with the columns id, label, reason
        The rows that are not in the data set.
    compared : bool
        Whether rows were compared with each other; if not, only exact duplicates are known.
    reason : str
        Why not.
    """

    duplicates: pd.DataFrame
    outliers: pd.DataFrame
    picture_quality: pd.DataFrame
    left_out: pd.DataFrame
    compared: bool = True
    reason: str = ""

    @property
    def n_sets(self) -> int:
        """How many sets of duplicates there are."""
        return int(self.duplicates["set"].nunique())

    @property
    def n_conflicting(self) -> int:
        """How many of them have different labels."""
        return int(self.duplicates.loc[self.duplicates["labels_differ"], "set"].nunique())

    @property
    def bad_pictures(self) -> pd.DataFrame:
        """A row for each bad picture, worst first: id, given_label, kind, which lists all kinds, and lowest score."""
        by_id = self.picture_quality.groupby("id", sort=False)
        kinds, first = by_id["kind"].agg(", ".join), by_id.first()
        return first.assign(kind=kinds).reset_index()[list(self.picture_quality.columns)]

    @property
    def n_across(self) -> int:
        """How many of them have rows in several splits."""
        return int(self.duplicates.loc[self.duplicates["splits_differ"], "set"].nunique())


def read_trouble(dataset: str, ids: Iterable[str]) -> Trouble:
    """Read what was found; where a stage has left nothing, nothing was.

    Parameters
    ----------
    dataset : str
        Its name.
    ids : iterable of str
        The ids of all its rows.

    Raises
    ------
    InputError
        When a row was found that the data set does not have.
    """
    folder, known = data_folder(dataset), pd.Index(ids)
    found, left_out = folder / "examples", folder / "prepared" / "left_out.csv"
    consensus = _read_consensus(folder)
    duplicates, outliers, bad = (
        _take_consensus(_read(found / f"{name}.csv", ["id", "given_label", *columns], known), consensus)
        for name, columns in {
            "duplicates": ["set", "kind", "score", "labels_differ"],
            "outliers": ["score"],
            "picture_quality": ["kind", "score"],
        }.items()
    )
    about = read_json(found / "examples.json") if (found / "examples.json").exists() else {}
    return Trouble(
        duplicates=duplicates.assign(
            set=duplicates["set"].astype(int),
            score=duplicates["score"].astype(float),
            labels_differ=_is_true(duplicates["labels_differ"]),
            split=duplicates.get("split", ""),
            splits_differ=_is_true(duplicates["splits_differ"]) if "splits_differ" in duplicates else False,
        ),
        outliers=outliers.assign(score=outliers["score"].astype(float)),
        picture_quality=bad.assign(score=bad["score"].astype(float)),
        left_out=_read(left_out, ["id", "label", "reason"], None),
        compared=about.get("compared", True),
        reason=about.get("reason") or "",
    )


def _read(path: Path, columns: list[str], known: pd.Index | None) -> pd.DataFrame:
    table = read_table(path) if path.exists() else pd.DataFrame(columns=columns, dtype=str)
    if known is not None and not table["id"].isin(known).all():
        raise InputError(f"{path}: is not of the same run as prepared/; `dvc repro` makes both again")
    return table


def _read_consensus(folder: Path) -> pd.Series | None:
    """Return the given label of each id where several annotators have one by consensus; None anywhere else."""
    if not has_annotations(folder):
        return None
    return read_table(folder / "quality" / "label_quality.csv").set_index("id")["given_label"]


def _take_consensus(table: pd.DataFrame, consensus: pd.Series | None) -> pd.DataFrame:
    """Put the consensus in place of the vote of several annotators: `inspect` knows of no more."""
    if consensus is None:
        return table
    table = table.assign(given_label=table["id"].map(consensus))
    if "set" not in table:
        return table
    return table.assign(labels_differ=(table.groupby("set")["given_label"].transform("nunique") > 1).astype(str))


def _is_true(cells: pd.Series) -> pd.Series:
    return cells.str.lower() == "true"
