"""The plan of a certificate: which rows are drawn, in which order, and what is to be shown.

It lies in ``data/<dataset>/certificate/``, in git: ``plan.json``, what holds for all rows, and ``plan.csv``, the first
rows in the order in which they are drawn. ``plan.json`` holds ``null`` where nothing is planned.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.files import read_json, read_table, replacing, write_json, write_table
from stages.certificate.betting import Levels
from stages.certificate.drawing import UNKNOWN, digest, make_seed, order_rows, weigh_rows
from stages.command.errors import InputError

# rows that the file lists: more are hardly ever looked at, and it stays small
LISTED = 5000
MARK_DIGITS = 12
COLUMNS = ("id", "label", "weight")


@dataclass(frozen=True)
class Plan:
    """What was fixed before the first row was drawn.

    Attributes
    ----------
    made : str
        When, as ISO 8601 in UTC.
    split : str
        The split that it is about; empty for all rows.
    goal : float
        The share of wrong labels to show. Neither the draw nor the bound depends on it: another one may be asked for
        at any time.
    confidence : float
        Of the certificate by itself, above 0 and below 1.
    spent : float
        The chance of a false certificate that plans took which were given up after people had looked at drawn rows,
        since the last certificate.
    labels : int
        How many rows had a label that was not removed, of the split.
    decided, found : int
        On how many rows people had decided before, and how many of their labels were wrong. They are not drawn.
    weights, counts, shares : list
        Of the rows that are drawn, as `Levels` has them.
    data : str
        The digest of all ids and given labels, by which a change of the data is seen.
    order : str
        The digest of all rows in their order, with label and weight.
    listed : str
        The digest of ``plan.csv``.
    rows : DataFrame with the columns id, label (text) and weight (int)
        The first rows, in the order in which they are drawn.
    """

    made: str
    split: str
    goal: float
    confidence: float
    spent: float
    labels: int
    decided: int
    found: int
    weights: list[int]
    counts: list[int]
    shares: list[float]
    data: str
    order: str
    listed: str
    rows: pd.DataFrame

    @cached_property
    def levels(self) -> Levels:
        """The population by weight."""
        return Levels(np.array(self.weights, dtype=float), np.array(self.counts), np.array(self.shares))

    @cached_property
    def drawn(self) -> np.ndarray:
        """The level of each listed row, (t,) int64."""
        return np.searchsorted(self.weights, self.rows["weight"]).astype(np.int64)

    @cached_property
    def labels_by_id(self) -> dict[str, str]:
        """The label of each listed row by its id, in the order in which they are drawn."""
        return dict(zip(self.rows["id"].tolist(), self.rows["label"].tolist(), strict=True))

    @property
    def stated(self) -> float:
        """The confidence that its certificate states: plans that were given up have had their part."""
        return round(self.confidence - self.spent, 6)

    @property
    def mark(self) -> str:
        """What a check names it by: the first digits of ``order``."""
        return self.order[:MARK_DIGITS]

    @property
    def n_rows(self) -> int:
        """How many rows are drawn from."""
        return sum(self.counts)


def make_plan(rows: pd.DataFrame, about: Mapping[str, Any]) -> Plan:
    """Fix the order in which rows are drawn.

    Parameters
    ----------
    rows : DataFrame with the columns id, label (text) and error_prob (float)
        The rows on which nobody has decided.
    about : dict
        ``made`` to ``found`` and ``data`` of the `Plan`.
    """
    rows = rows.assign(weight=weigh_rows(rows["error_prob"].to_numpy(dtype=float)))
    order = order_rows(rows["id"].tolist(), rows["weight"].to_numpy(), make_seed(rows))
    guess = rows["error_prob"].fillna(UNKNOWN).groupby(rows["weight"]).agg(["size", "mean"])
    drawn = rows.iloc[order][list(COLUMNS)].reset_index(drop=True)
    plan = Plan(
        **about,
        weights=[int(weight) for weight in guess.index],
        counts=guess["size"].tolist(),
        shares=[round(float(share), 8) for share in guess["mean"]],
        order=_digest_rows(drawn),
        listed="",
        rows=drawn.head(LISTED),
    )
    return replace(plan, listed=_digest_rows(plan.rows))


def digest_data(ids: pd.Series, labels: pd.Series) -> str:
    """Return the digest of ids and given labels, in any order."""
    return digest("\n".join(sorted(f"{row_id}\0{label}" for row_id, label in zip(ids, labels, strict=True))))


def write_plan(folder: Path, plan: Plan) -> None:
    """Write a plan into a data set's folder."""
    place = folder / "certificate"
    known = {name: value for name, value in asdict(replace(plan, rows=None)).items() if name != "rows"}  # type: ignore[arg-type]
    with replacing(place / "plan.csv", place / "plan.json") as (table, about):
        write_table(table, plan.rows)
        write_json(about, known)


def read_plan(folder: Path) -> Plan | None:
    """Read the plan in a data set's folder; None if nothing is planned.

    Raises
    ------
    InputError
        If the files are damaged, or not of one plan.
    """
    path = folder / "certificate" / "plan.json"
    table, beside = path.with_name("plan.csv"), path.with_name("plan.json.partial")
    if not path.exists() or _holds_null(path):
        return None
    plan = _read_whole(path, table)
    if plan is None and (plan := _read_whole(beside, table)):
        # `write_plan` was killed after it had moved the first of the two
        beside.replace(path)
    if plan is None:
        # to remove them would lose what was fixed
        raise InputError(f"{table}: is not what {path} says; bring back both with `git checkout -- {path} {table}`")
    return plan


def ensure_plan(folder: Path) -> None:
    """Write that nothing is planned, if a data set's folder does not say."""
    path = folder / "certificate" / "plan.json"
    if not path.exists():
        with replacing(path) as (partial,):
            write_json(partial, None)


def _holds_null(path: Path) -> bool:
    try:
        return read_json(path) is None
    except InputError:
        return False


def _read_whole(path: Path, table: Path) -> Plan | None:
    """Read a plan from its two files; None if they are damaged, missing, or not of one plan."""
    try:
        plan = Plan(**read_json(path), rows=read_table(table).astype({"weight": int})[list(COLUMNS)])
        return plan if _digest_rows(plan.rows) == plan.listed else None
    except (InputError, TypeError, KeyError, ValueError):
        return None


def _digest_rows(rows: pd.DataFrame) -> str:
    return digest("\n".join("\0".join(map(str, row)) for row in rows[list(COLUMNS)].itertuples(index=False)))
