"""The committed results, MNIST's beside what cleanlab's tutorial published: ``python -m benchmarks.committed_results``.

It reads what is in git (``reports/*/metrics.json``, ``data/*/issues.csv``, ``params.yaml``) and trains nothing, so
that anyone can check the tables of docs/results.md.
"""

import json
from pathlib import Path

from stages.artifacts.issues import read_flagged, read_issues
from stages.command.params import read_section
from stages.crossval_predict.settings import SectionSettings
from stages.split.settings import Settings as SplitSettings

PUBLISHED_ACCURACY, PUBLISHED_FLAGS = 0.9846, 149
# the worst 15 of the image tutorial at https://docs.cleanlab.ai, in its order
PUBLISHED_WORST = [
    "59915", "24798", "26405", "8729", "30049", "34404", "32342", "43454", "53216", "15434",
    "33388", "10994", "34920", "39184", "2720",
]  # fmt: skip
DATASETS = ("mnist_tutorial", "mnist")
ALL_MNIST = (*DATASETS, "mnist_careful")
WORST = 15


def results_table() -> str:
    """Compare accuracy, number of flags and the published ids among them, as Markdown."""
    published = f"{PUBLISHED_ACCURACY} | {PUBLISHED_FLAGS} | {len(PUBLISHED_WORST)}"
    lines = [
        "| | network | epochs | repeats | accuracy | flagged | of the published 15 |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        f"| cleanlab's tutorial, published | two convolutions | 50 | 1 | {published} |",
    ]
    for dataset in ALL_MNIST:
        metrics = json.loads((Path("reports") / dataset / "metrics.json").read_text())
        models = read_section(dataset, "crossval_predict", SectionSettings).of_each()
        found = len(set(PUBLISHED_WORST) & set(read_flagged(Path("data") / dataset)["id"]))
        epochs = " and ".join(str(each.max_epochs) for each in models)
        repeats = read_section(dataset, "split", SplitSettings).repeats
        trained = f"{' and '.join(f'`{each.model}`' for each in models)} | {epochs} | {repeats}"
        lines.append(f"| `{dataset}` | {trained} | {metrics['accuracy']:.4f} | {metrics['flagged']} | {found} |")
    return "\n".join(lines)


def worst_table(*datasets: str) -> str:
    """List the worst rows of each data set side by side, as Markdown."""
    head = " | | ".join(f"`{dataset}`: id | given → suggested | label quality" for dataset in datasets)
    lines = [f"| | {head} |", "| ---: |" + " --- |".join([" ---: | --- | ---: |"] * len(datasets))]
    sides = [read_issues(Path("data") / dataset).head(WORST).to_dict("records") for dataset in datasets]
    for rank, rows in enumerate(zip(*sides, strict=True), start=1):
        cells = [
            f"{row['id']} | {row['given_label']} → {row['suggested_label']} | {float(row['label_quality']):.1e}"
            for row in rows
        ]
        lines.append(f"| {rank} | {' | | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print("The committed results of `dvc repro` on a 2-core machine without a GPU\n")
    print(results_table(), worst_table(*DATASETS), worst_table("banking77"), sep="\n\n")
