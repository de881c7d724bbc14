"""What averaging two networks buys on MNIST: ``python -m benchmarks.members``.

Each of two models is trained alone, and then both: the whole stage, process start to result, with as many
folds at a time as there are cores. Beside the accuracy stands the mean cross-entropy of the labels in nats, which tells
probabilities apart that are right equally often. The last line is the way to spend time on one network.
"""

from typing import Any

import numpy as np
from sklearn.metrics import log_loss

from benchmarks.conditions import print_conditions
from benchmarks.training_time import CAREFUL
from benchmarks.workplace import accuracy, find_prepared, name_settings, open_workplace, train

MODELS = [{"model": "cnn", "max_epochs": 4}, {"model": "wide_cnn", "max_epochs": 6, "train_shift": 2}]


def main() -> None:
    """Train each alone and all together, and print a table."""
    settings: list[tuple[str, dict[str, Any]]] = [
        (f"`{model['model']}` alone", {"model": [model], "repeats": 1}) for model in MODELS
    ]
    settings += [("both", {"model": MODELS, "repeats": 1}), (name_settings(CAREFUL), dict(CAREFUL))]
    prepared = find_prepared("mnist")
    labels = np.load(prepared / "labels.npy")
    print("| trained | accuracy | log loss | time |\n| --- | ---: | ---: | ---: |")
    with open_workplace(prepared, labels) as folder:
        for name, changed in settings:
            trained = train(folder, "mnist", **changed)
            loss = log_loss(labels, trained.pred_probs)
            figures = f"{accuracy(trained, labels):.4f} | {loss:.4f} | {trained.seconds:.0f} s"
            print(f"| {name} | {figures} |", flush=True)


if __name__ == "__main__":
    print_conditions()
    main()
