"""MNIST from its files to its report, as shipped: minutes, so only when asked for with ``pytest -m slow``."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from benchmarks.committed_results import PUBLISHED_WORST
from stages.artifacts.issues import read_flagged
from tests.conftest import Clone


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dataset", "accuracy", "flags", "published"),
    [("mnist", (0.992, 1.0), (10, 220), 3), ("mnist_tutorial", (0.982, 0.986), (100, 220), 9)],
)
def test_mnist_gives_what_readme_says(
    clone: Clone, real_data: Path, dataset: str, accuracy: tuple[float, float], flags: tuple[int, int], published: int
) -> None:
    clone.set_param("fetch", "sources", [f"idx:{real_data / 'mnist'}"], dataset=dataset)
    params = yaml.safe_load(clone.path("params.yaml").read_text())
    clone.path("params.yaml").write_text(yaml.safe_dump({**params, "datasets": [dataset]}, sort_keys=False))
    clone.repro()
    metrics = json.loads(clone.path(f"reports/{dataset}/metrics.json").read_text())
    issues = list(read_flagged(clone.path(f"data/{dataset}"))["id"])
    assert accuracy[0] <= metrics["accuracy"] <= accuracy[1]
    assert flags[0] <= metrics["flagged"] == len(issues) <= flags[1]
    assert len(set(PUBLISHED_WORST) & set(issues)) >= published
    assert "59915" in issues[:5]
    assert "id 59915" in clone.path(f"reports/{dataset}/index.html").read_text()


@pytest.mark.slow
def test_mnist_as_a_folder_of_pictures_gives_the_same_flags(clone: Clone, real_data: Path, tmp_path: Path) -> None:
    clone.set_param("fetch", "sources", [f"idx:{real_data / 'mnist'}"], dataset="mnist")
    clone.stage("fetch", "mnist")
    raw = clone.path("data/mnist/raw")
    labels = pd.read_csv(raw / "labels.csv", dtype=str)["label"]
    paths = [f"{row // 10_000}/{row:05}.png" for row in range(len(labels))]
    for path, pixels in zip(paths, np.load(raw / "features.npy").reshape(-1, 28, 28), strict=True):
        (tmp_path / "pictures" / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "pictures" / path)
    pd.DataFrame({"path": paths, "label": labels}).to_csv(tmp_path / "pictures/labels.csv", index=False)
    clone.set_param("fetch", "sources", [f"images:{tmp_path / 'pictures'}"], dataset="mnist")
    clone.set_param("fetch", "sha256", None, dataset="mnist")
    committed = pd.read_csv(clone.path("data/mnist/issues.csv"))
    for stage in ("fetch", "preprocess", "embed", "inspect", "split", "crossval_predict", "find_issues"):
        clone.stage(stage, "mnist")
    issues = pd.read_csv(clone.path("data/mnist/issues.csv"))
    assert list(issues["id"]) == [paths[row] for row in committed["id"]]
