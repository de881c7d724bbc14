"""The whole loop: find, decide in the browser, clean, compare, release, and train elsewhere on what was pulled."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tests.browser import new_tab, open_review
from tests.conftest import ROOT, Clone
from tests.review import serve_review

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TRAIN = """
import json
import numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression
labels = pd.read_csv("labels.csv", dtype=str, keep_default_na=False)
kept = labels["status"] != "removed"
X, y = np.load("images.npy")[kept].reshape(kept.sum(), -1) / 255, labels["label"][kept]
print(LogisticRegression(max_iter=200).fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]))
"""


def labels_command(clone: Clone, *arguments: str) -> str:
    return clone.run("python", "-m", "labels", *arguments, PYTHONPATH=str(clone.folder))


def test_from_flags_to_a_model_trained_elsewhere(browser: "Browser", clone: Clone, tmp_path: Path) -> None:
    clone.run("dvc", "remote", "add", "--default", "teststore", str(tmp_path / "store"))
    clone.run("dvc", "remote", "modify", "teststore", "verify", "true")
    clone.commit("Name a remote")
    clone.run("dvc", "push")
    labels_command(clone, "release", "digits", "1.0.0")

    worst = pd.read_csv(clone.path("data/digits/issues.csv"), dtype=str).head(5)
    with serve_review(clone.folder) as page, new_tab(browser) as tab:
        open_review(tab, page.url)
        for place, key in enumerate("kaxka", start=1):
            tab.keyboard.press(key)
            tab.locator("#progress-text", has_text=f"{place} of 18 decided").wait_for()
    assert "5 decided on by people" in clone.repro()
    clone.commit("Decide on five digits")

    changed = labels_command(clone, "diff", "digits", "v1.0.0")
    for row_id in worst["id"][[1, 2, 4]]:
        assert any(line.split()[:1] == [row_id] and "Ann" in line for line in changed.splitlines())
    clone.run("dvc", "push")
    labels_command(clone, "release", "digits", "1.1.0")
    assert "Ann" in clone.run("git", "tag", "--list", "digits-labels@v1.1.0", "--format=%(contents)")

    taken = tmp_path / "taken"
    clone.run(
        "dvc", "get", str(clone.folder), "data/digits/cleaned", "--rev", "digits-labels@v1.1.0", "--out", str(taken)
    )
    labels = pd.read_csv(taken / "labels.csv", dtype=str, keep_default_na=False).set_index("id")
    relabelled = worst["id"][[1, 4]]
    assert list(labels.loc[relabelled, "label"]) == list(worst["suggested_label"][[1, 4]])
    assert list(labels.loc[worst["id"], "by"]) == ["Ann"] * 5
    assert labels.loc[worst["id"][2], "status"] == "removed"
    assert json.loads((taken / "classes.json").read_text()) == list("0123456789")
    assert float(Clone(taken).run("python", "-c", TRAIN, PYTHONPATH=str(ROOT))) > 0.9
