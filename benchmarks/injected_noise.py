"""How many labels that were flipped on purpose are ranked worst: ``python -m benchmarks.injected_noise [NAME …]``.

After N. Müller and K. Markert, "Identifying Mislabeled Instances in Classification Datasets", IJCNN 2019
(https://arxiv.org/abs/1912.05283), table 3: 3 % of the labels are replaced by another class at random, and the rows are
ranked by their label quality. Of the worst 1, 2 and 3 % it gives the share that was flipped; beside it stands the
average precision of the whole ranking, for settings that average more models, and what those cost. Without names it
measures every data set.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from cleanlab.rank import get_label_quality_scores
from sklearn.metrics import average_precision_score

from benchmarks.conditions import print_conditions
from benchmarks.workplace import find_prepared, name_settings, open_workplace, prepare_block, train
from stages.flip.noise import flip_uniformly

FLIPPED = 0.03
SHARES = (0.01, 0.02, 0.03)
SEEDS = range(5)
PUBLISHED = {
    "mnist": "1.00, 1.00, 0.97",
    "digits": "0.98, 0.95, 0.86",
    "breast_cancer": "0.76, 0.80, 0.74",
    "wine": "1.00, 1.00, 0.88",
    "iris": "1.00, 0.53, 0.55",
}
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "digits": [{}, {"average_epochs": 3}, {"repeats": 2}, {"repeats": 3}],
    "mnist": [{}],
    "breast_cancer": [{}, {"repeats": 1}, {"model": "gradient_boosting", "arguments": {}}],
    "wine": [{}, {"repeats": 1}, {"model": "gradient_boosting", "arguments": {}}],
    "iris": [{}, {"repeats": 1}, {"model": "gradient_boosting", "arguments": {}}],
    "banking77": [{}],
}
# more than one share of flipped labels
MORE_FLIPPED = {"banking77": (FLIPPED, 0.1)}
# scikit-learn's tables that have no block of their own are treated as this one is
BLOCKS = {"wine": "breast_cancer", "iris": "breast_cancer"}


@contextmanager
def prepare(dataset: str) -> Iterator[Path]:
    """Yield the folder that `preprocess` left for a data set, or leaves now where it has no block of its own."""
    if dataset not in BLOCKS:
        yield find_prepared(dataset)
        return
    with tempfile.TemporaryDirectory() as name:
        yield prepare_block(Path(name), dataset, {"fetch": {"sources": [f"sklearn:{dataset}"]}})


def measure(dataset: str, prepared: Path, share: float, seed: int, **changed: Any) -> list[float]:
    """Return the share of flipped rows among the worst of each of `SHARES`, the average precision, and the seconds."""
    labels = np.load(prepared / "labels.npy")
    given, flipped = flip_uniformly(labels, int(labels.max()) + 1, share, seed)
    with open_workplace(prepared, given) as folder:
        trained = train(folder, BLOCKS.get(dataset, dataset), **changed)
    scores = get_label_quality_scores(given, trained.pred_probs, method="self_confidence")
    ranked = flipped[np.argsort(scores, kind="stable")]
    worst = [float(ranked[: round(part * len(labels))].mean()) for part in SHARES]
    return [*worst, float(average_precision_score(flipped, -scores)), trained.seconds]


def print_row(dataset: str, prepared: Path, share: float, changed: dict[str, Any]) -> None:
    """Measure one setting and print the means over the seeds with their spread."""
    measured = np.array([measure(dataset, prepared, share, seed, **changed) for seed in SEEDS])
    means, spreads = measured.mean(axis=0), measured.std(axis=0)
    cells = [f"{mean:.3f} ± {spread:.3f}" for mean, spread in zip(means[:-1], spreads, strict=False)]
    named = f"`{dataset}` | {share:.0%} | {name_settings(changed)}"
    print(f"| {named} | {' | '.join(cells)} | {means[-1]:.1f} s |", flush=True)


def main(names: list[str]) -> None:
    """Measure every setting on each data set."""
    print(f"mean ± standard deviation over {len(SEEDS)} seeds\n")
    columns = [*(f"worst {share:.0%}" for share in SHARES), "average precision", "time"]
    print(f"| data set | flipped | settings | {' | '.join(columns)} |\n| --- | ---: | --- |{' ---: |' * len(columns)}")
    for dataset in names:
        if dataset in PUBLISHED:
            published = PUBLISHED[dataset].replace(", ", " | ")
            print(f"| `{dataset}` | {FLIPPED:.0%} | labelfix, published | {published} | | |")
        with prepare(dataset) as prepared:
            for share in MORE_FLIPPED.get(dataset, (FLIPPED,)):
                for changed in SETTINGS[dataset]:
                    print_row(dataset, prepared, share, changed)


if __name__ == "__main__":
    print_conditions()
    main(sys.argv[1:] or list(SETTINGS))
