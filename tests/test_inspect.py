"""Duplicates and outliers are what was planted and what Datalab's own managers say, on any order of rows."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cleanlab.datalab.internal.issue_manager.duplicate import NearDuplicateIssueManager
from cleanlab.datalab.internal.issue_manager.outlier import OutlierIssueManager
from cleanlab.outlier import OutOfDistribution
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.neighbors import NearestNeighbors

import stages.embed.__main__ as embed
import stages.inspect.__main__ as inspect
import stages.inspect.neighbours as neighbours_module
from stages.artifacts.files import read_json, read_table, write_json, write_table
from stages.artifacts.kind import write_kind
from stages.command.errors import InputError
from stages.inspect.duplicates import LARGEST_SET, find_pairs, join_pairs, score_rows
from stages.inspect.neighbours import find_neighbours
from stages.inspect.outliers import NEIGHBOURS, average_distances, flag_outliers

# a file that an earlier test of the process left open may be closed in any later one
pytestmark = pytest.mark.filterwarnings("error", "ignore::pytest.PytestUnraisableExceptionWarning")
WORDS = [a + b for a in ("ka", "lo", "mi", "ru", "se") for b in ("ban", "dor", "fel", "gim", "tus")]


class Kind(ABC):
    """A kind of data set: what it is made of, and how it is written as `preprocess` would."""

    def __init__(self, n_rows: int = 300) -> None:
        self.rng = np.random.default_rng(5)
        self.labels = self.rng.integers(0, 3, n_rows)
        self.rows = self.make(n_rows)

    @abstractmethod
    def make(self, n_rows: int) -> Any:
        """Return so many rows, no two of them alike."""

    @abstractmethod
    def change_a_little(self, row: Any) -> Any:
        """Return nearly the same row."""

    @abstractmethod
    def strange(self) -> Any:
        """Return a row unlike all others."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write the rows as `preprocess` leaves them."""

    def add(self, row: Any, label: int) -> int:
        self.rows = [*self.rows, row]
        self.labels = np.append(self.labels, label)
        return len(self.rows) - 1

    def inspect(self, order: np.ndarray | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
        order = np.arange(len(self.rows)) if order is None else order
        other = object.__new__(type(self))
        other.rows, other.labels = [self.rows[row] for row in order], self.labels[order]
        write_prepared(other, [f"row {row}" for row in order])
        inspect.main("toy")
        folder = Path("data/toy/examples")
        duplicates = read_table(folder / "duplicates.csv").astype({"set": int, "score": float})
        return duplicates, read_table(folder / "outliers.csv").astype({"score": float})


class Pictures(Kind):
    def make(self, n_rows: int) -> Any:
        digits = load_digits().images[:n_rows] * 15
        return [np.kron(digit, np.ones((3, 3)))[None].astype(np.uint8) for digit in digits]

    def change_a_little(self, row: Any) -> Any:
        changed = row.copy()
        changed[0, 12, 12] ^= 128
        return changed

    def strange(self) -> Any:
        return self.rng.integers(0, 2, (1, 24, 24)).astype(np.uint8) * 255

    def write(self, folder: Path) -> None:
        np.save(folder / "images.npy", np.array(self.rows))
        write_kind(folder, "picture")


class Table(Kind):
    """Three numbers, one of them sometimes missing, a constant, and a category."""

    def make(self, n_rows: int) -> Any:
        rows = [[*self.rng.normal(size=3), 7.0, self.rng.integers(0, 4)] for _ in range(n_rows)]
        for row in rows[::10]:
            row[1] = np.nan
        return rows

    def change_a_little(self, row: Any) -> Any:
        return [row[0] + 0.02, *row[1:]]

    def strange(self) -> Any:
        return [9.0, -9.0, 9.0, 7.0, np.nan]

    def write(self, folder: Path) -> None:
        np.save(folder / "features.npy", np.array(self.rows, dtype=np.float64))
        write_kind(folder, "table")
        columns = [{"name": f"column {place}", "kind": "numeric"} for place in range(4)]
        write_json(
            folder / "columns.json", [*columns, {"name": "colour", "kind": "categorical", "categories": list("abcd")}]
        )


class Texts(Kind):
    def make(self, n_rows: int) -> Any:
        return [" ".join(self.rng.choice(WORDS, self.rng.integers(25, 40))) for _ in range(n_rows)]

    def change_a_little(self, row: Any) -> Any:
        *words, last = row.split()
        return " ".join([*words, WORDS[WORDS.index(last) - 1]])

    def strange(self) -> Any:
        return "lorem ipsum dolor sit amet"

    def write(self, folder: Path) -> None:
        write_table(folder / "rows.csv", pd.DataFrame({"text": self.rows}))
        write_kind(folder, "text")


def write_prepared(kind: Kind, ids: list[str], n_classes: int = 3) -> None:
    folder = Path("data/toy/prepared")
    folder.mkdir(parents=True, exist_ok=True)
    kind.write(folder)
    contents = pd.Series([str(np.asarray(row).tolist()) for row in kind.rows])
    first = contents.groupby(contents).transform(lambda same: same.index[0])
    np.save(folder / "contents.npy", first.to_numpy(dtype=np.int64))
    np.save(folder / "labels.npy", kind.labels)
    write_json(folder / "classes.json", [f"class {number}" for number in range(n_classes)])
    write_table(folder / "ids.csv", pd.DataFrame({"id": ids}))
    Path("params.yaml").write_text("toy: {}")
    embed.main("toy")


def ids_of_sets(duplicates: pd.DataFrame) -> set[frozenset[str]]:
    return {frozenset(ids) for _, ids in duplicates.groupby("set")["id"]}


@pytest.fixture(autouse=True)
def _in_a_workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("toy: {}")


ALL_KINDS = pytest.mark.parametrize("kind", [Pictures, Table, Texts])


@ALL_KINDS
def test_what_was_planted_is_found_and_conflicting_copies_come_first(kind: type[Kind]) -> None:
    data = kind()
    agreed = data.add(data.rows[8], data.labels[8])
    near = data.add(data.change_a_little(data.rows[4]), data.labels[4])
    near_conflict = data.add(data.change_a_little(data.rows[9]), (data.labels[9] + 1) % 3)
    conflict = data.add(data.rows[2], (data.labels[2] + 1) % 3)
    strange = data.add(data.strange(), 0)
    duplicates, outliers = data.inspect()
    sets = [(list(rows["id"]), *rows[["kind", "labels_differ"]].iloc[0]) for _, rows in duplicates.groupby("set")]
    assert sets == [
        (["row 2", f"row {conflict}"], "exact", "True"),
        (["row 9", f"row {near_conflict}"], "near", "True"),
        (["row 8", f"row {agreed}"], "exact", "False"),
        (["row 4", f"row {near}"], "near", "False"),
    ]
    assert list(duplicates["set"]) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert (duplicates["score"][duplicates["kind"] == "exact"] == 0).all()
    assert duplicates["score"][duplicates["kind"] == "near"].between(0, 0.13, inclusive="neither").all()
    assert list(duplicates["given_label"][:2]) == [f"class {data.labels[row]}" for row in (2, conflict)]
    assert outliers["id"].iloc[0] == f"row {strange}"
    assert outliers["score"].is_monotonic_increasing


@ALL_KINDS
def test_a_set_of_copies_and_of_what_is_nearly_the_same_is_near(kind: type[Kind]) -> None:
    data = kind()
    copy, near = (data.add(row, data.labels[4]) for row in (data.rows[4], data.change_a_little(data.rows[4])))
    duplicates, _ = data.inspect()
    assert list(duplicates["id"]) == ["row 4", f"row {copy}", f"row {near}"]
    assert set(duplicates["kind"]) == {"near"}
    assert list(duplicates["score"] == 0) == [True, True, False]


@ALL_KINDS
@settings(deadline=None, max_examples=5, database=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(kind: type[Kind], seed: int) -> None:
    data = kind()
    for row in (1, 2, 3):
        data.add(data.change_a_little(data.rows[row]), 0)
        data.add(data.rows[row + 5], 1)
    data.add(data.strange(), 2)
    duplicates, outliers = data.inspect()
    other_duplicates, other_outliers = data.inspect(np.random.default_rng(seed).permutation(len(data.rows)))
    assert len(ids_of_sets(duplicates)) == 6
    assert ids_of_sets(duplicates) == ids_of_sets(other_duplicates)
    assert set(outliers["id"]) == set(other_outliers["id"])


def ask_datalab(manager: Any, features: np.ndarray, metric: str) -> pd.DataFrame:
    """Run one of Datalab's own managers, which of Datalab itself only ask for what was computed before."""
    asked = manager(SimpleNamespace(get_info=lambda name: {}), metric=metric)
    asked.find_issues(features=features)
    issues: pd.DataFrame = asked.issues
    return issues


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_flags_and_scores_are_datalabs(metric: str) -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(500, 12))
    features[-40:] = features[:40] + rng.normal(scale=0.05, size=(40, 12))
    features[40:50] *= rng.uniform(1, 4, (10, 1)) * (1 + rng.normal(size=(10, 12)))
    features = (features / np.linalg.norm(features, axis=1, keepdims=True) if metric == "cosine" else features).astype(
        np.float32
    )
    neighbours, distances = find_neighbours(features, NEIGHBOURS, metric)
    pairs, near = find_pairs(neighbours, distances), ask_datalab(NearDuplicateIssueManager, features, metric)
    assert set(np.concatenate(pairs)) == set(np.flatnonzero(near["is_near_duplicate_issue"])) != set()
    assert score_rows(distances) == pytest.approx(near["near_duplicate_score"].to_numpy(), abs=1e-5)
    averages = average_distances(neighbours, distances, np.ones(500, np.int64))
    scores, flagged = flag_outliers(averages, metric)
    outlying = ask_datalab(OutlierIssueManager, features, metric)
    assert list(flagged) == list(outlying["is_outlier_issue"])
    assert metric == "cosine" or flagged.any()
    assert scores == pytest.approx(outlying["outlier_score"].to_numpy(), abs=1e-5)
    knn = NearestNeighbors(n_neighbors=NEIGHBOURS, metric=metric).fit(features)
    assert scores == pytest.approx(OutOfDistribution({"knn": knn}).score(features=features), abs=0.1)


def test_copies_count_as_neighbours_as_they_do_in_datalab() -> None:
    distinct = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    copies = np.random.default_rng(1).integers(1, 8, 200)
    neighbours, distances = find_neighbours(distinct, NEIGHBOURS)
    content = np.repeat(np.arange(200), copies)
    scores, flagged = flag_outliers(average_distances(neighbours, distances, copies)[content], "euclidean")
    outlying = ask_datalab(OutlierIssueManager, distinct[content], "euclidean")
    assert scores == pytest.approx(outlying["outlier_score"].to_numpy(), abs=1e-5)
    assert list(flagged) == list(outlying["is_outlier_issue"])


@pytest.mark.parametrize(("n_rows", "width"), [(50, 5), (5000, 5), (4500, 64)])
def test_neighbours_are_the_nearest_there_are(n_rows: int, width: int) -> None:
    features = np.random.default_rng(0).normal(size=(n_rows, width)).astype(np.float32)
    neighbours, distances = find_neighbours(features, 10)
    expected, rows = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(features.astype(np.float64)).kneighbors()
    assert distances == pytest.approx(expected, abs=1e-5)
    assert (neighbours == rows).mean() > 0.999


@pytest.mark.parametrize("width", [100, 1100])
def test_bytes_do_not_depend_on_the_number_of_threads(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    features = np.random.default_rng(0).normal(size=(4500, width)).astype(np.float32)
    monkeypatch.setattr(neighbours_module, "BLOCK_BYTES", 1 << 22)
    found = []
    for threads in ("1", "2"):
        # what joblib takes for the number of cores
        monkeypatch.setenv("LOKY_MAX_CPU_COUNT", threads)
        found.append(b"".join(array.tobytes() for array in find_neighbours(features, 10)))
    assert found[0] == found[1]


def test_the_same_run_writes_the_same_bytes() -> None:
    written = []
    for _ in range(2):
        Texts().inspect()
        written.append([path.read_bytes() for path in sorted(Path("data/toy/examples").iterdir())])
    assert written[0] == written[1]


def test_a_chain_is_cut_at_its_widest_gaps() -> None:
    rng = np.random.default_rng(0)
    chain = np.cumsum(rng.uniform(0.001, 0.01, 200))
    features = np.concatenate([chain, 10 + np.cumsum(rng.uniform(5, 9, 400))])[:, None].astype(np.float32)
    pairs = find_pairs(*find_neighbours(features, NEIGHBOURS))
    sets, sizes = np.unique(join_pairs(pairs, 600), return_counts=True)
    assert sets.max() >= 200
    assert sizes.max() <= LARGEST_SET
    assert (sizes[sets < 200] > 1).mean() > 0.9


@pytest.mark.parametrize("n_rows", [2, 3, 8, 40])
@ALL_KINDS
def test_few_rows_are_no_mistake(kind: type[Kind], n_rows: int) -> None:
    _, outliers = kind(n_rows).inspect()
    assert len(outliers) < max(3, n_rows / 4)


@ALL_KINDS
def test_rows_that_are_all_the_same_are_one_set(kind: type[Kind]) -> None:
    data = kind(30)
    data.rows = [data.rows[1]] * 30
    duplicates, outliers = data.inspect()
    assert list(duplicates["id"]) == [f"row {row}" for row in range(30)]
    assert set(duplicates["kind"]) == {"exact"}
    assert outliers.empty


@ALL_KINDS
def test_what_has_many_copies_hides_no_outlier_and_makes_none_of_the_rest(kind: type[Kind]) -> None:
    data = kind(100)
    data.rows, data.labels = data.rows + data.rows[:8] * 100, np.zeros(900, np.int64)
    strange = data.add(data.strange(), 0)
    _, outliers = data.inspect()
    assert outliers["id"].iloc[0] == f"row {strange}"
    assert len(outliers) < 10


@pytest.mark.parametrize(
    "cells",
    [
        [[np.nan, 1.0, 0], [np.nan, 2.0, 1], [np.nan, 4.0, 2]],
        [[np.inf, 1e300, 0], [-np.inf, -1e300, 1], [np.nan, 1e-300, 2]],
        [[1.0, 1.0, np.nan], [1.0, 1.0, 0], [1.0, 1.0, 1], [1.0, 1.0, 2]],
        [[np.nan, 1.0, 0], [np.inf, 1.0, 0], [-np.inf, 1.0, 0]],
    ],
)
def test_odd_cells_are_no_mistake(cells: list[list[float]]) -> None:
    data = Table(len(cells))
    data.rows = [[*row[:2], 0.0, 0.0, row[2]] for row in cells]
    data.inspect()


@pytest.mark.parametrize("texts", [["?", "!", "."], ["a b", "a  b", "A b"], ["我的卡丢了", "我的卡没了", "x"]])
def test_odd_texts_are_no_mistake(texts: list[str]) -> None:
    data = Texts(len(texts))
    data.rows = texts
    data.inspect()


def test_texts_of_many_words_and_few_rows_are_no_mistake() -> None:
    data = Texts(5)
    data.rows = [" ".join(f"word{row * 900 + number}" for number in range(1000)) for row in range(5)]
    data.inspect()
    data.rows = [" " * row + data.rows[0] for row in range(5)]
    duplicates, _ = data.inspect()
    assert len(ids_of_sets(duplicates)) == 1


def test_thousands_of_classes_are_no_mistake() -> None:
    data = Table(1000)
    data.labels = np.arange(1000)
    data.add(data.rows[0], 7)
    write_prepared(data, [str(row) for row in range(1001)], n_classes=1000)
    inspect.main("toy")
    duplicates = read_table(Path("data/toy/examples/duplicates.csv"))
    assert list(duplicates["id"][:2]) == ["0", "1000"]
    assert list(duplicates["given_label"][:2]) == ["class 0", "class 7"]


def test_colour_pictures_of_any_size_are_compared() -> None:
    data = Pictures(60)
    data.rows = [np.kron(row, np.ones((3, 2, 3))).astype(np.uint8)[:, :47] for row in data.rows]
    near = data.add(data.rows[5] ^ np.uint8(1), 0)
    duplicates, _ = data.inspect()
    assert ids_of_sets(duplicates) == {frozenset({"row 5", f"row {near}"})}


def test_too_many_rows_are_not_compared_and_their_copies_found(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Table(30)
    copy = data.add(data.rows[2], 0)
    data.add(data.change_a_little(data.rows[3]), 0)
    monkeypatch.setattr(inspect, "COMPARED_ROWS", 20)
    duplicates, outliers = data.inspect()
    assert list(duplicates["id"]) == ["row 2", f"row {copy}"]
    assert list(duplicates["kind"]) == ["exact", "exact"]
    assert outliers.empty
    reason = "31 are different, and up to 20 are compared"
    about = {"compared": False, "rows": 32, "reason": reason, "map": "pca"}
    assert read_json(Path("data/toy/examples/examples.json")) == about
    assert inspect.main("toy").endswith(f"; rows not compared with each other: {reason}")


def test_tables_without_rows_have_their_columns() -> None:
    Pictures(5).inspect()
    lines = [(Path("data/toy/examples") / name).read_text() for name in ("duplicates.csv", "outliers.csv")]
    assert lines == ["set,id,given_label,kind,score,labels_differ\n", "id,given_label,score\n"]
    about = {"compared": True, "rows": 5, "reason": "", "map": "pca"}
    assert read_json(Path("data/toy/examples/examples.json")) == about


def test_artifacts_that_do_not_belong_together_are_named() -> None:
    write_prepared(Table(20), [str(row) for row in range(20)])
    np.save("data/toy/prepared/contents.npy", np.arange(19))
    with pytest.raises(InputError, match="ids, labels and contents are of different rows; run `dvc repro`"):
        inspect.main("toy")
    Path("data/toy/prepared/contents.npy").unlink()
    with pytest.raises(InputError, match=r"contents.npy: not found; `dvc repro` makes it"):
        inspect.main("toy")
