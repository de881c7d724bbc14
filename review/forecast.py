"""Says how many errors are left, from what the model expects and what people have found so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.artifacts.calibration import Belief, believe
from stages.artifacts.decisions import Decision
from stages.artifacts.files import load_array
from stages.artifacts.standing import find_wrong
from stages.artifacts.trust import Trust, Worth, read_trust
from stages.command.params import read_section
from stages.find_issues.settings import Settings

# at which the page is told how the model's own probabilities have moved; it draws lines between them
LOG_ODDS = np.arange(-25, 25.5, 0.5)


@dataclass(frozen=True)
class Ranking:
    """The rows that the model ranks, worst first: not those that it was trained with people's decisions on.

    Attributes
    ----------
    trust : Trust
        How far it may be trusted.
    rows : ndarray of shape (m,), int64
        Their numbers among all rows.
    labels : dict of str to str
        Their given labels, by id.
    prior : ndarray of shape (m,), float64
        The probability, from the model alone, that each label is wrong.
    """

    trust: Trust
    rows: np.ndarray
    labels: dict[str, str]
    prior: np.ndarray


def read_min_yield(dataset: str) -> float:
    """Return the least share of errors that params.yaml asks for."""
    return read_section(dataset, "find_issues", Settings).min_yield


def read_ranking(folder: Path, quality: pd.DataFrame) -> Ranking:
    """Return the ranked rows of the quality table, in rank order."""
    trained = np.array(load_array(folder / "training" / "decided.npy"))
    ranked = quality[(quality["judged_label"] != "") & ~trained].sort_values("rank")
    return Ranking(
        trust=read_trust(folder),
        rows=ranked.index.to_numpy(dtype=np.int64),
        labels=dict(zip(ranked["id"], ranked["given_label"], strict=True)),
        prior=ranked["prior_error_prob"].to_numpy(),
    )


class Known:
    """People's verdicts on the ranked rows, as they come.

    Attributes
    ----------
    wrong : ndarray of shape (m,), float64
        As `mark_wrong` returns it.
    """

    def __init__(self, ranking: Ranking) -> None:
        self._labels = ranking.labels
        self._place = {row_id: place for place, row_id in enumerate(ranking.labels)}
        self.wrong = np.full(len(ranking.labels), np.nan)

    def take(self, standing: Mapping[str, Sequence[Decision]]) -> None:
        """Take what stands now on some ids."""
        wrong = find_wrong(standing, self._labels)
        for row_id in standing:
            if row_id in self._place:
                self.wrong[self._place[row_id]] = wrong.get(row_id, np.nan)


def forecast(ranking: Ranking, known: np.ndarray) -> dict[str, Any] | None:
    """Return what is expected after people's verdicts; of a worthless model nothing is.

    Parameters
    ----------
    ranking : Ranking
        The rows.
    known : ndarray of shape (m,), float64
        The verdicts, as `mark_wrong` returns them.

    Returns
    -------
    dict or None
        ``curve``: the columns of `tabulate_yield`, with a first point for no rows. ``left``: how many ``rows`` have no
        verdict, and how many ``errors`` they hold, with the band's ``low`` and ``high``. ``open``: whether only the
        band can be told. ``moved``: the probability of an error, ``error_prob``, by the ``log_odds`` of the model's
        own.
    """
    if ranking.trust.verdict == Worth.WORTHLESS:
        return None
    belief = believe(ranking.prior, known, ranking.trust.spread)
    curve = ranking.trust.tabulate_yield(belief, ranking.prior, known)
    return {
        "curve": {str(name): [0.0, *column.astype(float)] for name, column in curve.items()},
        "left": _count_left(curve, known),
        "open": ranking.trust.is_open(known),
        "moved": _move(belief),
    }


def _count_left(curve: pd.DataFrame, known: np.ndarray) -> dict[str, float]:
    found = np.nansum(known)
    errors, low, high = (float(curve[name].iloc[-1] - found) for name in ("expected", "low", "high"))
    return {"rows": int(np.isnan(known).sum()), "errors": errors, "low": max(0.0, low), "high": high}


def _move(belief: Belief) -> dict[str, list[float]]:
    moved = belief.expect(1 / (1 + np.exp(-LOG_ODDS)))
    return {"log_odds": LOG_ODDS.tolist(), "error_prob": moved.tolist()}
