"""How many of the labels that were flipped on purpose are ranked worst: ``python -m benchmarks.injected_noise``.

After N. Müller and K. Markert, "Identifying Mislabeled Instances in Classification Datasets", IJCNN 2019
(https://arxiv.org/abs/1912.05283), table 3: 3 % of the labels are replaced by another class at random, and the rows are
ranked by their label quality. Of the worst 1, 2 and 3 % it gives the share that was flipped; beside it stands the
average precision of the whole ranking, for settings that average more networks, and what those cost.
"""

from typing import Any

import numpy as np
from cleanlab.rank import get_label_quality_scores
from sklearn.metrics import average_precision_score

from benchmarks.conditions import print_conditions
from benchmarks.workplace import find_prepared, name_settings, open_workplace, train

FLIPPED = 0.03
SHARES = (0.01, 0.02, 0.03)
SEEDS = range(5)
PUBLISHED = {"mnist": "1.00, 1.00, 0.97", "digits": "0.98, 0.95, 0.86"}
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "digits": [{}, {"average_epochs": 3}, {"repeats": 2}, {"repeats": 3}],
    "mnist": [{}],
}


def flip_labels(labels: np.ndarray, seed: int, share: float = FLIPPED) -> tuple[np.ndarray, np.ndarray]:
    """Give a share of the rows another label; return the labels and which rows were flipped, (n,) bool."""
    rng = np.random.default_rng(seed)
    n_classes = int(labels.max()) + 1
    rows = rng.choice(len(labels), round(share * len(labels)), replace=False)
    flipped = np.isin(np.arange(len(labels)), rows)
    return np.where(flipped, (labels + rng.integers(1, n_classes, len(labels))) % n_classes, labels), flipped


def measure(dataset: str, seed: int, **changed: Any) -> list[float]:
    """Return the share of flipped rows among the worst of each of `SHARES`, the average precision, and the seconds."""
    prepared = find_prepared(dataset)
    labels = np.load(prepared / "labels.npy")
    given, flipped = flip_labels(labels, seed)
    with open_workplace(prepared, given) as folder:
        trained = train(folder, dataset, **changed)
    scores = get_label_quality_scores(given, trained.pred_probs, method="self_confidence")
    ranked = flipped[np.argsort(scores, kind="stable")]
    worst = [float(ranked[: round(share * len(labels))].mean()) for share in SHARES]
    return [*worst, float(average_precision_score(flipped, -scores)), trained.seconds]


def main() -> None:
    """Measure every setting on every data set, and print the means over the seeds with their spread."""
    print(f"{FLIPPED:.0%} of the labels flipped, mean ± standard deviation over {len(SEEDS)} seeds\n")
    columns = [*(f"worst {share:.0%}" for share in SHARES), "average precision", "time"]
    print(f"| data set | settings | {' | '.join(columns)} |\n| --- | --- |{' ---: |' * len(columns)}")
    for dataset, settings in SETTINGS.items():
        print(f"| `{dataset}` | labelfix, published | {PUBLISHED[dataset].replace(', ', ' | ')} | | |")
        for changed in settings:
            measured = np.array([measure(dataset, seed, **changed) for seed in SEEDS])
            means, spreads = measured.mean(axis=0), measured.std(axis=0)
            cells = [f"{mean:.3f} ± {spread:.3f}" for mean, spread in zip(means[:-1], spreads, strict=False)]
            print(f"| `{dataset}` | {name_settings(changed)} | {' | '.join(cells)} | {means[-1]:.1f} s |", flush=True)


if __name__ == "__main__":
    print_conditions()
    main()
