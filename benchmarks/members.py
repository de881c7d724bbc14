"""What averaging two networks buys on MNIST: ``python -m benchmarks.members``.

Each model of ``mnist_careful`` is trained alone, and then both: the whole stage, process start to result, with as many
folds at a time as there are cores. Beside the accuracy stands the mean cross-entropy of the labels in nats, which tells
probabilities apart that are right equally often. The last line is the way to spend time on one network.
"""

from typing import Any

import numpy as np
from sklearn.metrics import log_loss

from benchmarks.conditions import print_conditions
from benchmarks.training_time import CAREFUL
from benchmarks.workplace import accuracy, find_prepared, name_settings, open_workplace, read_block, train


def main() -> None:
    """Train each alone and all together, and print a table."""
    models = read_block("mnist_careful")["crossval_predict"]["model"]
    settings: list[tuple[str, str, dict[str, Any]]] = [
        ("mnist_careful", f"`{model['model']}` alone", {"model": [model]}) for model in models
    ]
    settings += [("mnist_careful", "both", {}), ("mnist", name_settings(CAREFUL), dict(CAREFUL))]
    prepared = find_prepared("mnist")
    labels = np.load(prepared / "labels.npy")
    print("| data set | trained | accuracy | log loss | time |\n| --- | --- | ---: | ---: | ---: |")
    with open_workplace(prepared, labels) as folder:
        for dataset, name, changed in settings:
            trained = train(folder, dataset, **changed)
            loss = log_loss(labels, trained.pred_probs)
            figures = f"{accuracy(trained, labels):.4f} | {loss:.4f} | {trained.seconds:.0f} s"
            print(f"| `{dataset}` | {name} | {figures} |", flush=True)


if __name__ == "__main__":
    print_conditions()
    main()
