"""Seven ways in which labels go wrong, so that it is known which are: those of `stages.flip.noise`, and of people."""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.cluster import KMeans

from stages.flip.noise import KINDS, flip_labels

# each kind with the share of the labels that it takes
NOISES: tuple[tuple[str, float], ...] = (
    ("none", 0),
    ("uniform", 0.05),
    ("uniform", 0.15),
    ("class_dependent", 0.1),
    ("instance_dependent", 0.05),
    ("instance_dependent", 0.1),
    ("contested", 0.08),
    ("junk", 0.08),
    ("topic", 0.06),
    ("uniform", 0.3),
    ("class_dependent", 0.2),
    ("instance_dependent", 0.2),
)
LEAST_IN_A_CLASS = 5


@dataclass(frozen=True)
class Given:
    """The n rows of a data set, and their labels.

    Attributes
    ----------
    rows : ndarray of shape (n, F), float64, or (n,), object
        Numbers, or texts.
    labels : ndarray of shape (n,), int64
        From 0 to K - 1.
    wrong : ndarray of shape (n,), bool
        Which labels were made wrong.
    """

    rows: np.ndarray
    labels: np.ndarray
    wrong: np.ndarray


def make_wrong(
    rows: np.ndarray,
    labels: np.ndarray,
    kind: str,
    share: float,
    seed: int,
    pred_probs: np.ndarray,
    vectors: np.ndarray,
) -> Given | None:
    """Make a share of the labels wrong.

    Parameters
    ----------
    rows : ndarray of shape (n, F), float64, or (n,), object
        Numbers, or texts.
    labels : ndarray of shape (n,), int64
        From 0 to K - 1.
    kind : str
        One of `NOISES`.
    share : float
        Of the labels.
    seed : int
        Draws the rows.
    pred_probs : ndarray of shape (n, K), float32
        Out-of-sample probabilities of a good model, which tell what is hard.
    vectors : ndarray or sparse matrix of shape (n, V)
        By which rows are alike.

    Returns
    -------
    Given, or None if a class would have fewer than `LEAST_IN_A_CLASS` labels
    """
    rng, n_classes = np.random.default_rng(seed), pred_probs.shape[1]
    clean = Given(rows, labels.copy(), np.zeros(len(labels), dtype=bool))
    if kind == "none":
        return clean
    for flipped in KINDS:
        if kind == flipped:
            return Given(rows, *flip_labels(labels, flipped, share, seed, pred_probs.copy()))
    if kind == "contested":
        given = contest(clean, share, rng, pred_probs)
    elif kind == "topic":
        given = label_topics_alike(clean, share, rng, seed, vectors, n_classes)
    else:
        given = mix_in_junk(clean, share, rng, n_classes)
    return given if np.bincount(given.labels, minlength=n_classes).min() >= LEAST_IN_A_CLASS else None


def contest(clean: Given, share: float, rng: np.random.Generator, pred_probs: np.ndarray) -> Given:
    """Give half of the hardest rows, twice the share, the likeliest other class: nobody is sure what they are."""
    numbers, others = np.arange(len(clean.labels)), pred_probs.copy()
    hardest = np.argsort(pred_probs[numbers, clean.labels])[: round(2 * share * len(numbers))]
    rows = rng.choice(hardest, round(share * len(numbers)), replace=False)
    others[numbers, clean.labels] = -1
    labels, wrong = clean.labels.copy(), clean.wrong.copy()
    labels[rows], wrong[rows] = others.argmax(axis=1)[rows], True
    return replace(clean, labels=labels, wrong=wrong)


def label_topics_alike(
    clean: Given, share: float, rng: np.random.Generator, seed: int, vectors: np.ndarray, n_classes: int
) -> Given:
    """Give all rows of a cluster the same class, cluster after cluster, as who misunderstood a class does."""
    n_rows = len(clean.labels)
    clusters = KMeans(max(8, min(40, n_rows // 25)), n_init=1, random_state=seed).fit_predict(vectors)
    labels, wrong, wanted = clean.labels.copy(), clean.wrong.copy(), round(share * n_rows)
    for cluster in rng.permutation(clusters.max() + 1):
        if wrong.sum() >= wanted:
            break
        rows = np.flatnonzero(clusters == cluster)
        label = rng.integers(n_classes)
        rows = rows[: max(1, wanted - wrong.sum())]
        wrong[rows] = labels[rows] != label
        labels[rows] = label
    return replace(clean, labels=labels, wrong=wrong)


def mix_in_junk(clean: Given, share: float, rng: np.random.Generator, n_classes: int) -> Given:
    """Replace rows by ones that belong to no class, and label them as chance will."""
    n_rows = len(clean.labels)
    junk = rng.choice(n_rows, round(share * n_rows), replace=False)
    rows, labels, wrong = clean.rows.copy(), clean.labels.copy(), clean.wrong.copy()
    if rows.dtype == object:
        rows[junk] = [_jumble(rows, rng) for _ in junk]
    else:
        for column in range(rows.shape[1]):
            rows[junk, column] = rows[rng.integers(0, n_rows, len(junk)), column]
    labels[junk] = rng.integers(0, n_classes, len(junk))
    wrong[junk] = True
    return replace(clean, rows=rows, labels=labels, wrong=wrong)


def _jumble(texts: np.ndarray, rng: np.random.Generator) -> str:
    words = rng.permutation(texts[rng.integers(len(texts))].split())[:3]
    return " ".join(words) + f" zq{rng.integers(99)}"
