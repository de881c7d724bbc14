"""The rows that a certificate drew and people judged, and how many rows each stands for."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from stages.artifacts.cleaned import PEOPLE
from stages.artifacts.decisions import Decision, parse_decisions
from stages.artifacts.fitting import Rows, fit
from stages.certificate.certified import is_before, is_current, take_split
from stages.certificate.plan import Plan, read_plan
from stages.certificate.verdicts import read_verdicts


class Sample(NamedTuple):
    """Rows that stand for others.

    Attributes
    ----------
    weights : ndarray of shape (n,), float64
        How many rows each row of the data set stands for; 0 for a row that was not judged.
    drawn : int
        How many were drawn and looked at. The others were decided on before, and stand for themselves.
    stands_for : int
        How many rows the estimate is about.
    lack : str
        Why there is no sample, if there is none.
    """

    weights: np.ndarray
    drawn: int = 0
    stands_for: int = 0
    lack: str = ""


def read_sample(folder: Path, labels: pd.DataFrame) -> Sample:
    """Return the sample that the plan in a data set's folder and people's decisions make.

    Parameters
    ----------
    folder : Path
        ``data/<dataset>``.
    labels : DataFrame of n rows with the columns id, given_label, label and decided_by
        ``cleaned/labels.csv``.
    """
    plan, nobody = read_plan(folder), np.zeros(len(labels))
    if plan is None:
        return Sample(nobody, lack="no certificate is planned, so no row was drawn at random")
    if not is_current(plan, labels):
        return Sample(nobody, lack="the data have changed since the certificate was planned")
    decisions = parse_decisions(folder / "decisions.csv")
    standing = fit(decisions, Rows.of(labels, labels["given_label"])).standing
    looked_at = read_verdicts(plan, standing).looked_at
    if not looked_at:
        return Sample(nobody, lack="nobody has looked at a row that the certificate drew")
    drawn = pd.Series(1 / find_chances(plan, looked_at), index=plan.rows["id"].head(looked_at))
    before = find_decided_before(plan, labels, decisions)
    weights = labels["id"].map(drawn).fillna(0).to_numpy() + before
    judged = (labels["decided_by"] == PEOPLE).to_numpy()
    return Sample(np.where(judged, weights, 0), looked_at, plan.n_rows + int(before.sum()))


def find_chances(plan: Plan, looked_at: int) -> np.ndarray:
    """Return the chance that each of the first rows of a plan had to be among so many, (looked_at,) float64.

    Each row comes up after an exponential time with its weight as the rate. As many come up in some time, on average,
    as were drawn; that a row does so by then is its chance, up to a part that falls with the number of rows drawn.

    References
    ----------
    Rosén, "Asymptotic theory for order sampling", Journal of Statistical Planning and Inference 62, 1997
    """
    counts, weights = np.array(plan.counts, dtype=float), np.array(plan.weights, dtype=float)
    if looked_at >= plan.n_rows:
        return np.ones(looked_at)
    time = brentq(lambda time: counts @ -np.expm1(-weights * time) - looked_at, 0, 64 / weights.min())
    chances: np.ndarray = -np.expm1(-weights * time)[plan.drawn[:looked_at]]
    return chances


def find_decided_before(plan: Plan, labels: pd.DataFrame, decisions: list[Decision]) -> np.ndarray:
    """Return which rows people had decided on before the plan was made, so that they were not drawn from, (n,) bool."""
    outside = labels["id"].isin(take_split(labels, plan.split)["id"]) & ~labels["id"].isin(plan.rows["id"])
    if plan.n_rows > len(plan.rows):
        # the plan lists not all the rows that it draws from
        outside &= labels["id"].isin({said.id for said in decisions if is_before(said.time, plan.made)})
    found: np.ndarray = (outside & (labels["decided_by"] == PEOPLE)).to_numpy()
    return found
