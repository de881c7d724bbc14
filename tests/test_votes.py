"""What a row's neighbours say of its label, and who has no say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.find_issues.votes import Neighbours, no_neighbours


def share(
    nearest: list[list[int]], labels: list[int], contents: list[int] | None = None, groups: list[int] | None = None
) -> list[float]:
    """Return which share of the neighbours of each row has its label."""
    given = np.array(labels)
    neighbours = Neighbours(
        np.array(nearest).reshape(len(labels), -1),
        np.arange(len(labels)) if contents is None else np.array(contents),
        None if groups is None else np.array(groups),
    )
    return list(neighbours.ballot(given, int(given.max()) + 1).share(given))


@pytest.mark.parametrize(
    ("said", "nearest", "labels", "contents", "groups", "expected"),
    [
        ("half", [[1, 2], [0, 2], [0, 1], [0, 1]], [0, 0, 1, 0], None, None, [0.5, 0.5, 0, 1]),
        # three rows have one content: its copies fill both places, and the rows near by have no vote
        ("copies", [*[[3, 4]] * 3, [0, 4], [0, 3]],
         [0, 0, 1, 1, 1], [0, 0, 0, 3, 4], None, [1 / 2, 1 / 2, 0, 2 / 3, 2 / 3]),
        # one copy, and one of the two rows near by
        ("then those near by", [[2, 3]] * 2 + [[0, 3], [0, 2]], [0, 0, 1, 0], [0, 0, 2, 3], None, [0.5, 0.5, 0, 0.5]),
        ("own group", [[1, 2], [0, 2], [0, 1], [0, 1]], [0, 0, 1, 0], None, [7, 7, 8, 9], [0, 0, 0, 1]),
        ("one group", [[2, 3]] * 2 + [[0, 3], [0, 2]], [0, 0, 0, 1], [0, 0, 2, 3], [7, 7, 8, 9], [0.5, 0.5, 0.5, 0]),
        # a content that two groups hold votes by its rows of the other
        ("a content in two", [[2], [2], [0]], [0, 1, 0], [0, 0, 2], [5, 6, 5], [0, 0, 0]),
        ("left out", [[1, 2], [0, 2], [0, 1], [0, 1]], [0, -1, 1, 0], None, None, [0, np.nan, 0, 1]),
        ("nobody", [[1], [0]], [0, -1], None, None, [np.nan, np.nan]),
        ("only the own group", [[1], [0]], [0, 0], None, [3, 3], [np.nan, np.nan]),
        ("not compared", [[], []], [0, 1], None, None, [np.nan, np.nan]),
    ],
)  # fmt: skip
def test_each_vote_counts_as_it_should(
    said: str,
    nearest: list[list[int]],
    labels: list[int],
    contents: list[int] | None,
    groups: list[int] | None,
    expected: list[float],
) -> None:
    found = np.array(share(nearest, labels, contents, groups))
    asked = np.array(labels) >= 0
    np.testing.assert_allclose(found[asked], np.array(expected)[asked], err_msg=said)


def test_nobody_votes_on_rows_that_have_not_been_compared() -> None:
    labels = np.array([0, 1, 1])
    assert np.isnan(no_neighbours(3).ballot(labels, 2).share(labels)).all()


@st.composite
def neighbourhoods(draw: st.DrawFn) -> tuple[Neighbours, np.ndarray]:
    """Draw rows, some of the same content and some left out, maybe in groups, which share contents."""
    n_rows, n_contents, count = draw(st.integers(4, 25)), draw(st.integers(3, 8)), draw(st.integers(0, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    firsts, content = np.unique(rng.integers(0, n_contents, n_rows), return_index=True, return_inverse=True)[1:]
    others = np.array(
        [rng.permutation(np.delete(np.arange(len(firsts)), place))[:count] for place in range(len(firsts))]
    )
    groups = rng.integers(0, 3, n_rows) if draw(st.booleans()) else None
    return Neighbours(firsts[others.astype(int)][content], firsts[content], groups), rng.integers(-1, 3, n_rows)


def shuffle(neighbours: Neighbours, order: np.ndarray) -> Neighbours:
    """Return the same of the rows in another order, in which another row of a content may be the first."""
    place = np.argsort(order)
    first = np.array([place[neighbours.contents == content].min() for content in neighbours.contents])
    nearest = first[neighbours.nearest][order]
    return Neighbours(nearest, first[order], None if neighbours.groups is None else neighbours.groups[order])


@settings(deadline=None, max_examples=150)
@given(neighbourhoods(), st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(drawn: tuple[Neighbours, np.ndarray], seed: int) -> None:
    neighbours, labels = drawn
    order = np.random.default_rng(seed).permutation(len(labels))
    asked = np.maximum(labels, 0)
    found = neighbours.ballot(labels, 3).share(asked)
    np.testing.assert_array_equal(shuffle(neighbours, order).ballot(labels[order], 3).share(asked[order]), found[order])
    assert (np.isnan(found) | ((found >= 0) & (found <= 1))).all()


@settings(deadline=None, max_examples=60)
@given(neighbourhoods())
def test_the_shares_of_all_classes_are_one(drawn: tuple[Neighbours, np.ndarray]) -> None:
    neighbours, labels = drawn
    ballot = neighbours.ballot(labels, 3)
    total = np.sum([ballot.share(np.full(len(labels), label)) for label in range(3)], axis=0)
    np.testing.assert_allclose(total[(labels >= 0) & ~np.isnan(total)], 1)
