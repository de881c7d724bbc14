"""Rows are dealt to folds evenly, what belongs together stays together, and shuffling the rows changes nothing."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stages.split.__main__ as split
from stages.artifacts.files import write_json
from stages.command.errors import InputError
from stages.split.folds import assign_folds, find_unspread
from stages.split.rare import Count, check_rare, find_rare
from stages.split.settings import Settings
from stages.split.units import find_order, find_units

Edit = Callable[..., None]


@given(st.lists(st.integers(0, 3), min_size=60, max_size=90), st.integers(2, 4), st.integers(0, 9))
def test_folds_hold_a_share_of_every_class(drawn: list[int], n_folds: int, seed: int) -> None:
    labels = np.array([*drawn, *range(4), *range(4), *range(4), *range(4)])
    folds = assign_folds(labels, np.arange(len(labels)), n_folds, seed, repeats=2)
    for label, repeat in product(range(4), range(2)):
        per_fold = np.bincount(folds[labels == label, repeat], minlength=n_folds)
        assert per_fold.max() - per_fold.min() <= 1
        assert len(per_fold) == n_folds
    assert (folds[:, 0] != folds[:, 1]).any()


@settings(max_examples=40, deadline=None)
@given(st.data(), st.booleans())
def test_a_unit_is_never_parted(data: st.DataObject, grouped: bool) -> None:
    drawn = data.draw(st.lists(st.integers(0, 30), max_size=60))
    # whatever is drawn, each class has a few units
    units = np.array([*drawn, *range(31, 43)])
    labels = np.arange(len(units))[::-1] % 2
    folds = assign_folds(labels, units, 3, 0, repeats=2, grouped=grouped)
    assert set(np.unique(folds)) <= {0, 1, 2}
    pairs = {(unit, repeat): set(folds[units == unit, repeat]) for unit in units for repeat in range(2)}
    assert all(len(dealt) == 1 for dealt in pairs.values())


@settings(max_examples=40)
@given(st.permutations(range(60)), st.booleans())
def test_shuffled_rows_are_dealt_alike(shuffled: list[int], grouped: bool) -> None:
    ids = pd.Series([f"id {number:03}" for number in range(60)])
    # the last two contents have many rows, the others two each
    labels, contents = np.arange(60) % 3, np.minimum(np.arange(60) // 2 * 2, np.arange(60) // 45 * 15 + 29)
    contents = np.array([contents.tolist().index(content) for content in contents])
    groups = np.arange(60) // 5 if grouped else None
    by_id = deal(ids, labels, contents, groups)
    rows = np.array(shuffled)
    # of rows with one content the first in the new order is named
    first = {content: place for place, content in reversed(list(enumerate(contents[rows])))}
    moved = np.array([first[content] for content in contents[rows]])
    assert (
        deal(ids[rows].reset_index(drop=True), labels[rows], moved, groups if groups is None else groups[rows]) == by_id
    )


def deal(ids: pd.Series, labels: np.ndarray, contents: np.ndarray, groups: np.ndarray | None) -> dict[str, int]:
    order, (units, dealt) = find_order(ids), find_units(contents, groups, 3)
    folds = assign_folds(labels[order], units[order], 3, 0, contents=dealt[order], grouped=groups is not None)[:, 0]
    return dict(zip(ids[order], folds.tolist(), strict=True))


@pytest.mark.parametrize(
    ("ids", "ordered"),
    [
        (["0", "1", "2", "10"], ["0", "1", "2", "10"]),
        (["10", "9", "1"], ["1", "9", "10"]),
        (["10", "9", "a"], ["10", "9", "a"]),
        (["007", "01", "1"], ["007", "01", "1"]),
        (["b/2.png", "a/1.png", "é"], ["a/1.png", "b/2.png", "é"]),
    ],
)
def test_ids_are_ordered_as_numbers_where_they_are(ids: list[str], ordered: list[str]) -> None:
    assert [ids[row] for row in find_order(pd.Series(ids))] == ordered


def test_what_contents_and_groups_link_is_one_unit() -> None:
    contents, groups = np.array([0, 1, 0, 3, 4, 5]), np.array([0, 0, 1, 2, 2, 3])
    units, _ = find_units(contents, groups, 5)
    assert [len(set(units[rows])) for rows in ([0, 1, 2], [3, 4], [5])] == [1, 1, 1]
    assert len(set(units)) == 3
    assert find_units(contents, None, 5)[0].tolist() == contents.tolist()


RARE_LABELS = np.array([0] * 9 + [1] * 4 + [2] * 2 + [3] * 6)
RARE = find_rare(RARE_LABELS, np.arange(21), 4, 5)
COPIED = find_rare(np.repeat([0, 1], [20, 5]), np.append(np.arange(20) // 5, np.arange(20, 25)), 2, 5)


@pytest.mark.parametrize(
    ("rare", "changed", "grouped", "message"),
    [
        (
            RARE,
            {},
            False,
            "folds: 5 is more than the rows of 2 class(es): 'b' (4), 'c' (2); lower it, to no less than 2",
        ),
        (RARE, {}, False, ", or set rare_classes to leave_out"),
        (
            RARE,
            {},
            True,
            "is more than the groups of 2 class(es): 'b' (4), 'c' (2); groups with a content in common count as one; ",
        ),
        (
            COPIED,
            {},
            False,
            "folds: 5 is more than the different rows of 1 class(es): 'a' (4, in 20 rows); rows with the same content "
            "stay in one fold unless they are 10 or more; lower it, to no less than 2",
        ),
        (
            COPIED,
            {},
            True,
            "folds: 5 is more than the groups of 1 class(es): 'a' (4, in 20 rows); groups with a content in common ",
        ),
        (
            dict.fromkeys(range(3), Count(1, 1)),
            {"rare_classes": "leave_out"},
            False,
            ": without them fewer than two classes are left",
        ),
    ],
)
def test_rare_classes_are_named(rare: dict[int, Count], changed: dict[str, str], grouped: bool, message: str) -> None:
    with pytest.raises(InputError) as caught:
        check_rare(rare, list("abcd"), Settings(**changed), grouped=grouped)  # type: ignore[arg-type]
    assert str(caught.value).startswith("params.yaml: split.folds: ")
    assert message in str(caught.value)


def test_rows_of_one_content_count_once_for_a_class() -> None:
    assert find_rare(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 0, 3, 4, 5]), 2, 3) == {0: (1, 3)}


@pytest.mark.parametrize(
    ("labels", "units", "n_folds"),
    [
        # as many units of each class as folds, but by their first rows none has
        ([0, 1, 0, 1, 1, 0], [0, 0, 2, 2, 4, 4], 3),
        ([2, 2, 0, 0, 0, 1, 2, 0, 1, 1, 2, 0, 0, 1], [0, 1, 2, 1, 4, 5, 5, 7, 8, 7, 10, 7, 2, 13], 4),
        # by their first rows all of a class may come into one
        ([2, 1, 3, 3, 3, 2, 3, -1, 2, 1, 2, 2, 3, 1], [0, 1, 2, 3, 0, 1, 6, 7, 2, 7, 10, 11, 11, 7], 2),
    ],
)
def test_rows_of_one_content_with_different_labels_leave_each_class_in_two_folds(
    labels: list[int], units: list[int], n_folds: int
) -> None:
    for seed in range(20):
        folds = assign_folds(np.array(labels), np.array(units), n_folds, seed)[:, 0]
        assert set(folds) == set(range(n_folds))
        assert all(len(set(folds[np.array(labels) == label])) > 1 for label in {*labels} - {-1})
        assert all(len(set(folds[np.array(units) == unit])) == 1 for unit in units)


def test_a_class_in_one_fold_is_found() -> None:
    labels = np.array([0, 0, 1, 1, -1])
    assert find_unspread(labels, np.array([0, 1, 1, 1, 0]), 2) == [1]
    assert find_unspread(labels, np.array([0, 1, 0, 1, 0]), 2) == []
    assert find_unspread(labels, np.array([0, 1, 0, 1, 0]), 3) == [0, 1]


def prepare(workplace: Path, labels: list[int], contents: list[int] | None = None) -> Path:
    prepared = workplace / "data/digits/prepared"
    prepared.mkdir(parents=True)
    np.save(prepared / "labels.npy", np.array(labels))
    np.save(prepared / "contents.npy", np.arange(len(labels)) if contents is None else np.array(contents))
    pd.DataFrame({"id": range(len(labels))}).to_csv(prepared / "ids.csv", index=False)
    write_json(prepared / "classes.json", [f"class {label}" for label in range(max(labels) + 1)])
    return workplace / "data/digits/training"


def test_rare_classes_are_left_out_where_that_is_wanted(workplace: Path, edit_params: Edit) -> None:
    edit_params("split", "rare_classes", "leave_out")
    training = prepare(workplace, [0] * 6 + [1] * 6 + [2] * 3)
    said = split.main("digits")
    assert said == "the given labels; 15 rows in 5 folds, 3 rows of 1 rare class(es) left out"
    assert np.load(training / "labels.npy").tolist() == [0] * 6 + [1] * 6 + [-1] * 3
    assert set(np.load(training / "folds.npy").ravel()) == {0, 1, 2, 3, 4}


def test_rows_with_the_same_content_are_counted(workplace: Path, edit_params: Edit) -> None:
    edit_params("split", "folds", 2)
    training = prepare(workplace, [0, 0, 0, 1, 1, 1, 0], [0, 1, 2, 3, 4, 5, 3])
    assert "7 rows in 2 folds, 1 that repeat another row's content are kept with it" in split.main("digits")
    folds = np.load(training / "folds.npy")
    assert (folds[3] == folds[6]).all()


def test_contents_that_are_dealt_are_counted(workplace: Path, edit_params: Edit) -> None:
    edit_params("split", "folds", 2)
    training = prepare(workplace, [0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 4, 5, 6, 6])
    said = (
        "1 that repeat another row's content are kept with it, 4 of 1 content(s) in 4 rows or more are dealt over the"
    )
    assert f"8 rows in 2 folds, {said} folds" in split.main("digits")
    assert np.bincount(np.load(training / "folds.npy")[:4, 0]).tolist() == [2, 2]


def test_probabilities_from_elsewhere_need_no_folds(workplace: Path, edit_params: Edit) -> None:
    edit_params("split", "folds", 0)
    training = prepare(workplace, [0, 1, 1])
    assert split.main("digits") == "the given labels"
    assert np.load(training / "folds.npy").shape == (3, 0)
