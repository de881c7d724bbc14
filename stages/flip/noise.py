"""Ways in which labels go wrong, to be put into labels on purpose."""

from typing import Literal, get_args

import numpy as np

Kind = Literal["uniform", "class_dependent", "instance_dependent"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# of a class's labels, how many class-dependent noise flips at most: more than half could not be told from the truth
MOST_OF_A_CLASS = 0.4


def flip_labels(
    labels: np.ndarray, kind: Kind, share: float, seed: int, pred_probs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give a share of the rows another label.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1, K at least 2.
    kind : {"uniform", "class_dependent", "instance_dependent"}
        ``uniform`` flips any row to any other class. ``class_dependent`` flips rows of half of the classes, each to one
        other class (of more classes, where that would take more than `MOST_OF_A_CLASS` of one). ``instance_dependent``
        flips rows to the likeliest other class, drawn with a weight that falls linearly from the hardest row, that
        whose label is least probable, to none at the easiest: at 20 % no row is likelier flipped than not.
    share : float
        Of the rows, above 0 and below `MOST_OF_A_CLASS`.
    seed : int
        Draws the rows.
    pred_probs : ndarray of shape (n, K), float32
        Out-of-sample probabilities before the flips, which tell what is hard.

    Returns
    -------
    noisy : ndarray of shape (n,), int64
        The labels, some flipped.
    flipped : ndarray of shape (n,), bool
        Which were.
    """
    if kind == "uniform":
        return flip_uniformly(labels, pred_probs.shape[1], share, seed)
    rng = np.random.default_rng(seed)
    n_flips = round(share * len(labels))
    if kind == "class_dependent":
        return _flip(labels, *_choose_by_class(labels, n_flips, rng, pred_probs.shape[1]))
    return _flip(labels, *_choose_hard(labels, n_flips, rng, pred_probs))


def flip_uniformly(labels: np.ndarray, n_classes: int, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Give a share of any rows any other label; what is taken and returned is as of `flip_labels`."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(labels), round(share * len(labels)), replace=False)
    return _flip(labels, rows, (labels + rng.integers(1, n_classes, len(labels))) % n_classes)


def _flip(labels: np.ndarray, rows: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flipped = np.isin(np.arange(len(labels)), rows)
    return np.where(flipped, others, labels), flipped


def _choose_by_class(
    labels: np.ndarray, n_flips: int, rng: np.random.Generator, n_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    circle = rng.permutation(n_classes)
    partner = np.empty(n_classes, dtype=labels.dtype)
    partner[circle] = np.roll(circle, -1)
    counts = np.bincount(labels, minlength=n_classes)
    noisy = circle[: (n_classes + 1) // 2]
    most = np.where(np.isin(np.arange(n_classes), noisy), MOST_OF_A_CLASS * counts, 0)
    if most.sum() < n_flips:
        most = MOST_OF_A_CLASS * counts
    # rounded where they add up, so that the classes together give exactly so many
    ends = np.round(np.cumsum(most) * (n_flips / most.sum())).astype(int)
    wanted = np.diff(ends, prepend=0)
    of_class = [np.flatnonzero(labels == label) for label in range(n_classes)]
    rows = [rng.choice(rows, n, replace=False) for rows, n in zip(of_class, wanted, strict=True)]
    return np.concatenate(rows), partner[labels]


def _choose_hard(
    labels: np.ndarray, n_flips: int, rng: np.random.Generator, pred_probs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.arange(len(labels))
    hardness = np.empty(len(labels))
    # equally hard rows in a drawn order
    shuffled = rng.permutation(len(labels))
    hardness[shuffled[np.argsort(-pred_probs[shuffled, labels[shuffled]], kind="stable")]] = numbers
    rows = rng.choice(len(labels), n_flips, replace=False, p=hardness / hardness.sum())
    others = pred_probs.copy()
    others[numbers, labels] = -1
    return rows, others.argmax(axis=1)
