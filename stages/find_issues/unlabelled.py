"""Ranks the rows without a label by what a label is taken to teach the model.

The score is ActiveLab's, as cleanlab computes it. Of a row that nobody has labelled it knows the model's probabilities
alone, so that it is their highest, drawn half the way to 1 / K: the order is that of the least confident first.

References
----------
Goh and Mueller, "ActiveLab: Active Learning with Re-Labeling by Multiple Annotators", ICLR 2023 Workshop on
Trustworthy ML, https://arxiv.org/abs/2301.11856
"""

import numpy as np
import pandas as pd
from cleanlab.multiannotator import get_active_learning_scores

from stages.artifacts.unlabelled import COLUMNS
from stages.find_issues.blocks import PredProbs, split_rows


def rank_unlabelled(
    quality: pd.DataFrame, given: np.ndarray, pred_probs: PredProbs | np.ndarray, order: np.ndarray
) -> pd.DataFrame:
    """Return the rows without a label, those first whose label is taken to teach most.

    Parameters
    ----------
    quality : DataFrame of n rows
        As `stages.find_issues.tables.tabulate_rows` returns it.
    given : ndarray of shape (n,), int64
        The given labels, -1 for a row without one.
    pred_probs : PredProbs or ndarray of shape (n, K), float32
        Out-of-sample probabilities.
    order : ndarray of shape (n,), int64
        The numbers of the rows in the order of their ids, which decides between equal scores.

    Returns
    -------
    DataFrame with the columns id, suggested_label, suggested_prob and score
    """
    scores = np.ones(len(given))
    for rows in split_rows(pred_probs.shape):
        unlabelled = given[rows] < 0
        if unlabelled.any():
            scores[rows][unlabelled] = get_active_learning_scores(pred_probs_unlabeled=pred_probs[rows][unlabelled])[1]
    ordered = order[given[order] < 0]
    ranked = ordered[np.argsort(scores[ordered], kind="stable")]
    table: pd.DataFrame = quality.iloc[ranked].assign(score=scores[ranked])[list(COLUMNS)]
    return table
