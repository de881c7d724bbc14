"""A table of few rows is learnt from by default: what one column separates is right, and nothing in it is flagged."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.artifacts.issues import read_flagged
from stages.crossval_predict.models.tables import AUTO
from stages.crossval_predict.models.tables.gradient_boosting import LARGE_LEAF, find_leaf
from tests.sources import run, write_block

COUNTS = st.lists(st.integers(1, 200), min_size=1, max_size=8)


@pytest.mark.parametrize(("n_rows", "n_classes"), [(30, 2), (31, 2), (48, 2), (60, 6), (360, 6)])
def test_what_a_column_separates_is_right_by_default(
    n_rows: int, n_classes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    classes = np.arange(n_rows) % n_classes
    table = pd.DataFrame({"a": 10 * classes + np.arange(n_rows) / 100, "y": classes})
    table.to_csv(tmp_path / "data.csv", index=False)
    write_block(tmp_path, {"fetch": {"sources": ["csv:data.csv"], "label": "y"}})
    for stage in ("fetch", "preprocess", "embed", "inspect", "split", "crossval_predict", "find_issues"):
        assert run(tmp_path, stage, monkeypatch) == 0
    each = ", ".join(rf"{name} [01]\.\d{{4}}" for name in AUTO)
    assert re.search(f"accuracy 1.0000 over 5 folds, the average of {each}\n", capsys.readouterr().out)
    assert read_flagged(tmp_path / "data/toy").empty


@given(COUNTS)
def test_the_least_leaf_parts_every_classs_share_and_is_scikit_learns_where_rows_are_many(counts: list[int]) -> None:
    targets = np.repeat(np.arange(len(counts)), counts)
    leaf = find_leaf(targets)
    assert 1 <= leaf <= LARGE_LEAF
    assert leaf == 1 or 2 * leaf * len(counts) <= len(targets)
    assert (leaf == LARGE_LEAF) == (len(targets) >= 2 * LARGE_LEAF * len(counts))


def test_a_class_that_is_only_looked_at_has_a_leaf() -> None:
    assert find_leaf(np.empty(0)) == 1
