"""cleanlab's pruning: flags rows class by class until the confident joint's counts are reached.

As in ``confident.py``, the result is cleanlab's for the whole array, computed block by block.
"""

from collections.abc import Callable

import numpy as np
from cleanlab.filter import _keep_at_least_n_per_class
from cleanlab.filter import _prune_by_class as by_class
from cleanlab.filter import _prune_by_count as by_count

from stages.find_issues.blocks import columns_at_once, read_columns
from stages.find_issues.confident import rows_by_class
from stages.find_issues.evidence import Evidence

__all__ = ["by_class", "by_count", "prune"]

# of cleanlab's `find_label_issues`: so many rows of a class are never pruned
MIN_EXAMPLES_PER_CLASS = 1


def prune(evidence: Evidence, *prunes: Callable[..., np.ndarray]) -> np.ndarray:
    """Return which rows are flagged, (m,) bool.

    Parameters
    ----------
    evidence : Evidence
        Of m rows.
    *prunes : callable
        `by_count`, `by_class`, or both: then a row is flagged if both flag it.
    """
    counts = _keep_at_least_n_per_class(evidence.joint.T, MIN_EXAMPLES_PER_CLASS)
    flagged = np.zeros(len(evidence.labels), dtype=bool)
    for label, rows in enumerate(rows_by_class(evidence.labels, len(counts))):
        columns = [label, *np.flatnonzero((counts[:, label] > 0) & (np.arange(len(counts)) != label))]
        masks = [np.zeros(len(rows), dtype=bool) for _ in prunes]
        # a column is pruned by its margin over the label's own, which comes first in every part
        step = columns_at_once(len(rows))
        for start in range(0, max(1, len(columns) - 1), step):
            part = [label, *columns[1:][start : start + step]]
            probs = read_columns(evidence.pred_probs, rows, part)
            arguments = [0, MIN_EXAMPLES_PER_CLASS, [probs, counts[part, label]]]
            masks = [mask | prune_class(arguments) for mask, prune_class in zip(masks, prunes, strict=True)]
        flagged[rows] = np.all(masks, axis=0)
    flagged &= ~evidence.rows.agrees
    return flagged
