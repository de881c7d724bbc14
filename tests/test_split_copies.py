"""Few copies of a content stay in one fold, many are dealt over all folds, and rows of one group are never parted."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stages.artifacts.files import read_table
from stages.artifacts.issues import read_flagged
from stages.split.folds import assign_folds, find_unspread
from stages.split.units import NOT_DEALT, find_units
from tests.sources import Block, run, write_block


def repeat(*counts: int) -> np.ndarray:
    """Return the contents of rows of which the first so many have one, the next so many another, and so on."""
    return np.repeat(np.cumsum([0, *counts[:-1]]), counts)


@pytest.mark.parametrize(
    ("contents", "groups", "n_units", "dealt"),
    [
        (repeat(9), None, 1, []),
        (repeat(10), None, 10, [0]),
        (repeat(9, 10, 1, 2), None, 13, [9]),
        (repeat(10, 12), None, 22, [0, 10]),
        # each row of the content is a group of its own
        (repeat(10, 1), np.arange(11), 11, [0]),
        # nine groups of ten rows, and ten of twenty
        (repeat(10), np.minimum(np.arange(10), 8), 1, []),
        (repeat(20), np.arange(20) // 2, 10, [0]),
        # a group holds a row of another content
        (repeat(10, 1), np.minimum(np.arange(11), 9), 1, []),
        (repeat(10, 10), np.append(np.arange(10), np.arange(10, 20)), 20, [0, 10]),
        (repeat(10, 10), np.append(np.arange(10), np.arange(9, 19)), 1, []),
    ],
)
def test_a_content_in_twice_as_many_rows_as_folds_is_dealt(
    contents: np.ndarray, groups: np.ndarray | None, n_units: int, dealt: list[int]
) -> None:
    units, found = find_units(contents, groups, n_folds=5)
    assert len(np.unique(units)) == n_units
    assert np.unique(found[found != NOT_DEALT]).tolist() == dealt
    assert (found[found != NOT_DEALT] == contents[found != NOT_DEALT]).all()


@st.composite
def drawn_rows(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, int]:
    """Draw labels, contents, groups and a number of folds, with contents in one row, in a few and in many."""
    n_folds = draw(st.integers(2, 5))
    counts = draw(st.lists(st.sampled_from([1, 1, 2, 3, 2 * n_folds - 1, 2 * n_folds, 23]), min_size=1, max_size=9))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shuffled = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    contents = np.array([shuffled.tolist().index(number) for number in shuffled])
    groups = None
    if draw(st.booleans()):
        # of one row, or of several, rarely of two contents
        groups = np.unique(shuffled * 100 + rng.integers(0, 30, len(shuffled)), return_inverse=True)[1]
        groups[rng.random(len(groups)) < 0.02] = 0
    return rng.integers(0, draw(st.integers(1, 3)), len(contents)), contents, groups, n_folds


@settings(max_examples=150, deadline=None)
@given(drawn_rows(), st.integers(0, 3))
def test_copies_are_kept_or_dealt_evenly(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray | None, int], seed: int
) -> None:
    labels, contents, groups, n_folds = drawn
    units, dealt = find_units(contents, groups, n_folds)
    folds = assign_folds(labels, units, n_folds, seed, repeats=2, contents=dealt, grouped=groups is not None)
    for of_repeat in folds.T:
        assert set(of_repeat) <= set(range(n_folds))
        for kept in (contents[dealt == NOT_DEALT], None if groups is None else groups):
            rows = np.arange(len(contents)) if kept is groups else np.flatnonzero(dealt == NOT_DEALT)
            if kept is not None:
                assert len(np.unique(np.column_stack([kept, of_repeat[rows]]), axis=0)) == len(np.unique(kept))
        for content in np.unique(dealt[dealt != NOT_DEALT]):
            rows = np.flatnonzero(dealt == content)
            firsts = rows[np.unique(units[rows], return_index=True)[1]]
            assert spread(of_repeat[firsts], n_folds) <= 1
            assert all(
                spread(of_repeat[firsts][labels[firsts] == label], n_folds) <= 1 for label in np.unique(labels[firsts])
            )


def spread(folds: np.ndarray, n_folds: int) -> int:
    counts = np.bincount(folds, minlength=n_folds)
    return int(counts.max() - counts.min())


@pytest.mark.parametrize("n_single", [0, 3, 40])
def test_copies_even_out_what_classes_the_folds_hold(n_single: int) -> None:
    contents, rng = repeat(*[1] * n_single, *[13] * 12), np.random.default_rng(0)
    labels = rng.integers(0, 3, len(contents))
    units, dealt = find_units(contents, None, 5)
    for folds in assign_folds(labels, units, 5, 0, repeats=5, contents=dealt).T:
        assert spread(folds, 5) <= 1 + (n_single > 0)
        assert all(spread(folds[labels == label], 5) <= 2 for label in range(3))
        assert find_unspread(labels, folds, 5) == []


def make_copies(folder: Path, kind: str) -> Block:
    """Write six contents in ten rows each, one of them labelled as the others are not, and return their block."""
    numbers = np.repeat(np.arange(6), 10)
    wrong = np.arange(60) % 10 == 9
    label = np.where((numbers % 2 == 0) ^ wrong, "yes", "no")
    return WRITERS[kind](folder, numbers, label)


def _make_table(folder: Path, numbers: np.ndarray, label: np.ndarray) -> Block:
    pd.DataFrame({"cap": list("ABCDEF")}).loc[numbers].assign(y=label).to_csv(folder / "data.csv", index=False)
    return {"fetch": {"sources": ["csv:data.csv"], "label": "y"}}


def _make_texts(folder: Path, numbers: np.ndarray, label: np.ndarray) -> Block:
    texts = [f"{name} {name}ish cap" for name in ("amber", "brown", "copper", "dun", "ebony", "fawn")]
    pd.DataFrame({"said": texts}).loc[numbers].assign(y=label).to_csv(folder / "data.csv", index=False)
    return {"fetch": {"sources": ["csv:data.csv"], "label": "y"}, "preprocess": {"text": "said"}}


def _make_pictures(folder: Path, numbers: np.ndarray, label: np.ndarray) -> Block:
    pictures = np.random.default_rng(0).integers(0, 256, (6, 8, 8)).astype(np.uint8)
    for row, (number, name) in enumerate(zip(numbers, label, strict=True)):
        (folder / "caps" / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pictures[number]).save(folder / "caps" / name / f"{row:02}.png")
    return {"fetch": {"sources": ["images:caps"]}, "preprocess": {"image_shape": [1, 8, 8]}}


WRITERS = {"table": _make_table, "text": _make_texts, "pictures": _make_pictures}
FOREST = {"model": "sklearn.ensemble:ExtraTreesClassifier", "arguments": {"n_estimators": 20}}


@pytest.mark.parametrize(
    ("kind", "model", "changed"),
    [
        ("table", {"model": "logistic_regression"}, {}),
        ("table", FOREST, {}),
        ("table", {"model": "logistic_regression"}, {"repeats": 3}),
        ("table", {"model": "logistic_regression"}, {"labels": "decided", "rare_classes": "leave_out"}),
        ("text", {"model": "tfidf"}, {}),
        ("pictures", {"model": "cnn", "batch_size": 8}, {}),
    ],
)
def test_wrong_labels_of_copies_rank_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, model: dict[str, Any], changed: dict[str, Any]
) -> None:
    block = make_copies(tmp_path, kind)
    write_block(tmp_path, {**block, "crossval_predict": model, "split": changed})
    for stage in ("fetch", "preprocess", "embed", "inspect", "split", "crossval_predict", "find_issues"):
        assert run(tmp_path, stage, monkeypatch) == 0, stage
    worst = read_table(tmp_path / "data/toy/issues.csv")["id"].head(6)
    assert sorted(int(Path(row_id).stem) for row_id in worst) == [9, 19, 29, 39, 49, 59]
    assert set(read_flagged(tmp_path / "data/toy")["id"]) <= set(worst)
