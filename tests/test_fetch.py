"""The same data has the same bytes from every source, and what goes wrong on the way is named."""

import gzip
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

import stages.fetch.__main__ as fetch
import stages.fetch.download as download
from stages.artifacts.decisions import COLUMNS, RUN
from stages.command.errors import InputError
from stages.fetch.raw import RawData, SourceError, normalise
from stages.fetch.settings import Settings
from stages.fetch.sources import idx, openml, sklearn
from tests.openml import Point, make_pointer, openml_answers, serve
from tests.web import serve_folder

Edit = Callable[..., None]
SETTINGS = Settings(sources=["any"])


def write_idx(path: Path, array: np.ndarray) -> None:
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    content = head + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    bunch = load_digits()
    return bunch.images[:100], bunch.target[:100]


@pytest.fixture
def idx_folder(tmp_path: Path, digits: tuple[np.ndarray, np.ndarray]) -> Path:
    folder = tmp_path / "idx"
    folder.mkdir()
    images, labels = digits
    for part, rows in (("train", slice(0, 80)), ("t10k", slice(80, 100))):
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", images[rows])
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels[rows])
    return folder


@pytest.fixture
def web(idx_folder: Path) -> Iterator[str]:
    """The folder of IDX files served on loopback, all gzipped."""
    for path in idx_folder.glob("*ubyte"):
        path.with_suffix(".gz").write_bytes(gzip.compress(path.read_bytes()))
    with serve_folder(idx_folder) as address:
        yield address


@pytest.fixture
def answers(digits: tuple[np.ndarray, np.ndarray]) -> dict[str, bytes]:
    images, labels = digits
    return openml_answers("pictures", images.reshape(len(images), -1), labels, "HOST")


@pytest.fixture
def openml_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Point:
    return make_pointer(monkeypatch, tmp_path / "scikit_learn_data")


def test_every_source_gives_the_same_bytes(
    digits: tuple[np.ndarray, np.ndarray], idx_folder: Path, web: str, answers: dict[str, bytes], openml_at: Point
) -> None:
    expected = normalise(*digits).sha256()
    assert idx.fetch(str(idx_folder), SETTINGS).sha256() == expected
    assert idx.fetch(web, SETTINGS).sha256() == expected
    with serve(answers) as address:
        openml_at(address, answers)
        raw = openml.fetch("pictures@1", SETTINGS)
    assert raw.sha256() == expected
    assert isinstance(raw, RawData)
    assert raw.features.dtype == np.uint8
    assert raw.table.iloc[99].to_dict() == {"id": "99", "label": str(digits[1][99])}


def test_the_embedded_digits_are_what_params_pin(workplace: Path) -> None:
    assert fetch.main("digits").startswith("1,797 rows of 64 features from sklearn:digits, sha256 3225864762e7")


@pytest.mark.parametrize(
    ("features", "dtype"),
    [
        (np.array([[0.0, 255.0]]), np.uint8),
        (np.array([[0.0, 256.0]]), np.float32),
        (np.array([[-1.0, 2.0]]), np.float32),
        (np.array([[0.5, 2.0]]), np.float32),
        (np.array([[np.nan, 2.0]]), np.float32),
        (np.array([[True, False]]), np.uint8),
        (np.array([[7, 8]], dtype=np.int64), np.uint8),
    ],
)
def test_features_take_the_smallest_type_that_holds_them(features: np.ndarray, dtype: type) -> None:
    normal = normalise(features, ["a"]).features
    assert normal.dtype == dtype
    np.testing.assert_array_equal(normal, features.astype(np.float32))


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_a_missing_label_is_empty(missing: object) -> None:
    assert list(normalise(np.zeros((2, 1)), ["a", missing]).table["label"]) == ["a", ""]


def test_downloads_show_a_bar(web: str, capsys: pytest.CaptureFixture[str]) -> None:
    idx.fetch(web, SETTINGS)
    assert capsys.readouterr().err.count("100%") == 4


def test_openml_that_falls_silent_is_given_up(openml_at: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openml, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(openml, "WAITS_S", ())
    # accepts and never answers
    with socket.create_server(("127.0.0.1", 0)) as silent:
        openml_at(f"http://127.0.0.1:{silent.getsockname()[1]}", {})
        with pytest.raises(SourceError, match="OpenML did not answer: timed out"):
            openml.fetch("pictures@1", SETTINGS)
    assert socket.getdefaulttimeout() is None


def test_openml_is_asked_again_when_it_fails(answers: dict[str, bytes], openml_at: Point) -> None:
    with serve(answers, fail_first=3) as address:
        openml_at(address, answers)
        assert len(openml.fetch("pictures@1", SETTINGS).table) == 100


@pytest.mark.parametrize(
    ("name", "trouble", "message"),
    [
        ("pictures@1", {"fail_first": 1000}, "OpenML did not answer: Service Unavailable"),
        ("pictures@1", {"truncate": True}, "OpenML's answer cannot be used"),
        ("nothing@1", {}, "OpenML did not answer: Not Found"),
        ("pictures", {}, "'pictures' is not NAME@VERSION; write it like mnist_784@1"),
    ],
)
def test_openml_out_of_order_is_named(
    answers: dict[str, bytes], openml_at: Point, name: str, trouble: dict[str, Any], message: str
) -> None:
    with serve(answers, **trouble) as address:
        openml_at(address, answers)
        with pytest.raises(SourceError, match=message):
            openml.fetch(name, SETTINGS)


def test_an_unreachable_openml_is_named(answers: dict[str, bytes], openml_at: Point) -> None:
    openml_at("http://127.0.0.1:1", answers)
    with pytest.raises(SourceError, match=r"OpenML did not answer: .*Connection refused"):
        openml.fetch("pictures@1", SETTINGS)


def break_file(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return apply


IDX_TROUBLE = {
    "cut short archive": (
        break_file("train-images-idx3-ubyte.gz", lambda content: content[:-20]),
        r"train-images-idx3-ubyte.gz: cut short or damaged .*; put a whole one in its place",
    ),
    "no archive": (
        break_file("train-images-idx3-ubyte.gz", lambda content: b"<html>no such page</html>"),
        r"train-images-idx3-ubyte.gz: cut short or damaged \(Not a gzipped file",
    ),
    "damaged archive": (
        break_file("train-images-idx3-ubyte.gz", lambda content: content[:300] + b"\xff" * 40 + content[340:]),
        r"train-images-idx3-ubyte.gz: cut short or damaged",
    ),
    "cut short": (
        break_file("t10k-labels-idx1-ubyte", lambda content: content[:-3]),
        "t10k-labels-idx1-ubyte: cut short or damaged: 25 bytes, its head says 28",
    ),
    "another format": (
        break_file("t10k-labels-idx1-ubyte", lambda content: b"label\n1\n2\n3\n"),
        "t10k-labels-idx1-ubyte: not an IDX file of bytes with 1 dimension",
    ),
    "empty": (
        break_file("t10k-labels-idx1-ubyte", lambda content: b""),
        "t10k-labels-idx1-ubyte: not an IDX file",
    ),
    "missing": (
        lambda folder: (folder / "t10k-labels-idx1-ubyte").unlink(),
        "has neither t10k-labels-idx1-ubyte.gz nor t10k-labels-idx1-ubyte",
    ),
    "fewer labels": (
        lambda folder: write_idx(folder / "t10k-labels-idx1-ubyte", np.zeros(19)),
        "100 rows of features but 99 labels",
    ),
    "different sizes": (
        lambda folder: write_idx(folder / "t10k-images-idx3-ubyte.gz", np.zeros((20, 9, 8))),
        "the images are of different sizes: train 8×8, t10k 9×8; all must have one size",
    ),
}


@pytest.mark.parametrize("trouble", IDX_TROUBLE)
def test_idx_files_out_of_order_are_named(idx_folder: Path, trouble: str) -> None:
    spoil, message = IDX_TROUBLE[trouble]
    spoil(idx_folder)
    with pytest.raises(SourceError, match=message):
        idx.fetch(str(idx_folder), SETTINGS)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no/where is not a folder"):
        idx.fetch(str(tmp_path / "no" / "where"), SETTINGS)


def test_a_mirror_without_the_file_is_named(web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "RETRIES", 0)
    with pytest.raises(SourceError, match=r"train-images-idx3-ubyte.gz did not come: HTTP 404"):
        idx.fetch(f"{web}/elsewhere", SETTINGS)


def test_a_mirror_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "RETRIES", 0)
    with pytest.raises(SourceError, match=r"train-images-idx3-ubyte.gz did not come: the host could not be reached"):
        idx.fetch("http://127.0.0.1:1", SETTINGS)


def test_a_connection_that_breaks_off_is_named(answers: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "RETRIES", 0)
    with (
        serve({"download/train-images-idx3-ubyte.gz": bytes(9000)}, truncate=True) as address,
        pytest.raises(SourceError, match=r"train-images-idx3-ubyte.gz did not come: the connection broke off"),
    ):
        idx.fetch(f"{address}/download", SETTINGS)


def test_the_next_source_serves_when_the_first_does_not(
    workplace: Path, edit_params: Edit, idx_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = idx.fetch(str(idx_folder), SETTINGS).sha256()
    edit_params("fetch", "sources", ["idx:nowhere", "sklearn:digits", f"idx:{idx_folder}"])
    edit_params("fetch", "sha256", other)
    assert f"100 rows of 64 features from idx:{idx_folder}, sha256 {other}" in fetch.main("digits")
    printed = capsys.readouterr().out
    assert "idx:nowhere: nowhere is not a folder" in printed
    assert "sklearn:digits: gave other data: its sha256 is 3225864762e7" in printed
    assert sorted(path.name for path in (workplace / "data/digits/raw").iterdir()) == ["features.npy", "labels.csv"]


def test_without_any_source_all_reasons_are_named_and_nothing_is_touched(workplace: Path, edit_params: Edit) -> None:
    fetch.main("digits")
    before = (workplace / "data/digits/raw/features.npy").read_bytes()
    edit_params("fetch", "sources", ["idx:nowhere", "sklearn:digits"])
    edit_params("fetch", "sha256", "0" * 64)
    with pytest.raises(InputError) as caught:
        fetch.main("digits")
    first, second = str(caught.value).splitlines()
    assert first == "idx:nowhere: nowhere is not a folder; correct it in fetch.sources"
    assert second.startswith("sklearn:digits: gave other data")
    assert second.endswith("if the new data is right, pin the new one in fetch.sha256")
    assert (workplace / "data/digits/raw/features.npy").read_bytes() == before


@pytest.mark.parametrize("source", ["ftp:somewhere", "digits", ":digits"])
def test_a_source_of_no_known_kind_is_named(source: str) -> None:
    with pytest.raises(
        InputError, match=r"of no known kind; there are: csv:…, idx:…, images:…, npz:…, openml:…, parquet:…, sklearn:…"
    ):
        fetch.find_module(source)


def test_a_set_that_scikit_learn_does_not_offer_is_named() -> None:
    with pytest.raises(SourceError, match="scikit-learn's 'faces' is not offered; there are: breast_cancer, digits,"):
        sklearn.fetch("faces", SETTINGS)


def test_decisions_are_started_once_and_then_left_alone(workplace: Path) -> None:
    path = workplace / "data/digits/decisions.csv"
    fetch.main("digits")
    assert path.read_text() == f"{','.join((*COLUMNS, RUN))}\n"
    path.write_text("mine")
    fetch.main("digits")
    assert path.read_text() == "mine"


def test_mnist_is_what_params_pin(workplace: Path, real_data: Path, edit_params: Edit) -> None:
    edit_params("fetch", "sources", [f"idx:{real_data / 'mnist'}"], dataset="mnist")
    assert fetch.main("mnist").startswith("70,000 rows of 784 features")
