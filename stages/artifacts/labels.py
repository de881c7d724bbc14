"""The given labels, as numbers and by their names; a row may have none."""

import numpy as np

# the number of a row without a label, whose name is empty
NO_LABEL = -1


def name_labels(labels: np.ndarray, classes: list[str]) -> np.ndarray:
    """Return the name of each label, (n,) object; empty for a row without one.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1, or `NO_LABEL`.
    classes : list of K str
        Their names.
    """
    # the last one, which -1 names
    names: np.ndarray = np.array([*classes, ""], dtype=object)[labels]
    return names
