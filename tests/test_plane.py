"""The map: rows have the places that PCA or t-SNE gives them, whatever their order, and the same bytes each time."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

import stages.inspect.__main__ as inspect
from stages.artifacts.files import load_array, read_json
from stages.command.errors import InputError
from stages.inspect.plane import lay_out
from tests.test_inspect import Pictures, Table, Texts, write_prepared

RNG = np.random.default_rng(0)
DIGITS = (load_digits().data / 16).astype(np.float32)
WIDE = (RNG.normal(size=(300, 1100)) * (RNG.random((300, 1100)) < 0.05)).astype(np.float32)
SPARSE = csr_matrix(WIDE)


@pytest.fixture(autouse=True)
def _in_a_workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("toy: {}")


def test_pca_is_scikit_learns_but_for_the_sign() -> None:
    places = lay_out(DIGITS, "pca")
    expected = PCA(2, svd_solver="full").fit_transform(DIGITS)
    assert places.dtype == np.float32
    assert places.shape == (1797, 2)
    assert np.abs(places) == pytest.approx(np.abs(expected), abs=1e-3)
    assert (places.max(axis=0) == np.abs(places).max(axis=0)).all()


@pytest.mark.parametrize(
    "change",
    [lambda rows: rows + np.float32(3), lambda rows: rows[:, ::-1], lambda rows: np.hstack([rows, 0 * rows])],
    ids=["moved", "columns in another order", "columns that say nothing"],
)
def test_what_changes_no_distance_changes_no_place(change: Callable[[np.ndarray], np.ndarray]) -> None:
    assert lay_out(change(DIGITS), "pca") == pytest.approx(lay_out(DIGITS, "pca"), abs=1e-2)


def test_the_order_of_rows_changes_no_place() -> None:
    order = RNG.permutation(len(DIGITS))
    assert lay_out(DIGITS[order], "pca") == pytest.approx(lay_out(DIGITS, "pca")[order], abs=1e-4)


def test_sparse_rows_have_the_places_of_dense_ones() -> None:
    assert lay_out(SPARSE, "pca") == pytest.approx(lay_out(WIDE, "pca"), abs=1e-4)


@pytest.mark.parametrize("rows", [DIGITS, WIDE, SPARSE], ids=["digits", "wide", "sparse"])
def test_the_bytes_do_not_depend_on_the_number_of_cores(
    rows: np.ndarray | csr_matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = set()
    for cores in ("1", "2"):
        monkeypatch.setenv("LOKY_MAX_CPU_COUNT", cores)
        found.add(lay_out(rows, "pca").tobytes())
    assert len(found) == 1


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (np.zeros((0, 3)), np.zeros((0, 2))),
        (np.ones((1, 3)), np.zeros((1, 2))),
        (np.ones((5, 3)), np.zeros((5, 2))),
        (np.zeros((4, 0)), np.zeros((4, 2))),
        ([[1.0], [2.0], [6.0]], [[-2, 0], [-1, 0], [3, 0]]),
    ],
)
def test_few_rows_and_columns_have_places(rows: object, expected: object) -> None:
    assert lay_out(np.array(rows, np.float32), "pca") == pytest.approx(np.array(expected), abs=1e-6)


@pytest.mark.parametrize("kind", [Pictures, Table, Texts])
def test_rows_of_the_same_content_have_the_same_place(kind: type[Pictures | Table | Texts]) -> None:
    data = kind()
    copy = data.add(data.rows[7], 1)
    data.inspect()
    places = load_array(Path("data/toy/examples/map.npy"))
    assert places.dtype == np.float32
    assert places.shape == (301, 2)
    assert np.isfinite(places).all()
    assert (places[7] == places[copy]).all()
    assert len(np.unique(places, axis=0)) == 300


def test_rows_that_are_all_the_same_have_one_place() -> None:
    data = Texts(30)
    data.rows = ["?"] * 30
    data.inspect()
    assert (load_array(Path("data/toy/examples/map.npy")) == 0).all()


def test_too_many_rows_to_compare_have_places_by_pca(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("params.yaml").write_text("toy: {inspect: {map: tsne}}")
    monkeypatch.setattr(inspect, "COMPARED_ROWS", 20)
    Table(30).inspect()
    assert read_json(Path("data/toy/examples/examples.json"))["map"] == "pca"
    assert len(np.unique(load_array(Path("data/toy/examples/map.npy")), axis=0)) == 30


def test_tsne_without_its_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    write_prepared(Table(30), [str(row) for row in range(30)])
    Path("params.yaml").write_text("toy: {inspect: {map: tsne}}")
    with pytest.raises(
        InputError, match=r"^params.yaml: inspect.map: tsne needs .* `pip install -r requirements-embed"
    ):
        inspect.main("toy")
    assert not Path("data/toy/examples").exists()


@pytest.mark.parametrize("n_rows", [8, 300])
def test_tsne_keeps_those_together_that_are_alike(n_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openTSNE", reason="maps by t-SNE need requirements-embed.txt")
    groups = np.arange(n_rows) % 4
    rows = (RNG.normal(size=(4, 10))[groups] * 9 + RNG.normal(size=(n_rows, 10))).astype(np.float32)
    places = lay_out(rows, "tsne")
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert lay_out(rows, "tsne").tobytes() == places.tobytes()
    distances = np.linalg.norm(places[:, None] - places, axis=-1) + np.diag(np.full(n_rows, np.inf))
    assert n_rows < 100 or (groups[distances.argmin(axis=1)] == groups).all()
