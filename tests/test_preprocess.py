"""Raw rows become pictures of bytes and numbered labels, or a message says why they cannot."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stages.preprocess.__main__ as preprocess
from stages.command.errors import InputError
from stages.preprocess.__main__ import check_unlabelled, number_groups
from stages.preprocess.classes import check_classes, encode_labels
from stages.preprocess.pictures import to_images
from stages.preprocess.settings import Settings
from stages.preprocess.tables import read_cells


def table(labels: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"id": [f"r{i}" for i in range(len(labels))], "label": labels})


@given(st.lists(st.text(min_size=1, max_size=5), min_size=2, max_size=30).filter(lambda labels: len(set(labels)) > 1))
def test_labels_are_numbered_and_named(labels: list[str]) -> None:
    numbers, classes = encode_labels(table(labels))
    assert [classes[number] for number in numbers] == labels
    assert set(numbers) == set(range(len(classes)))


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["10", "9", "-1", "9"], ["-1", "9", "10"]),
        (["b", "10", "9"], ["10", "9", "b"]),
        (["1.5", "1e3", "2"], ["1.5", "2", "1e3"]),
        (["ж", "a,b", 'say "a"', "line\nbreak"], ["a,b", "line\nbreak", 'say "a"', "ж"]),
    ],
)
def test_numbers_are_ordered_by_value_and_names_by_letter(labels: list[str], classes: list[str]) -> None:
    assert encode_labels(table(labels))[1] == classes


def test_a_column_of_names_is_left_out_and_said_to_be() -> None:
    table = read_cells(pd.DataFrame({"age": list("1234") * 20, "name": [f"n{row}" for row in range(80)]}), Settings())
    assert [column.name for column in table.columns] == ["age"]
    assert table.list_columns()[0] == "'age': numeric"
    assert table.list_columns()[1].startswith("'name': left out; most of its cells differ, as names do; to keep it")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a", "a"], "every row is labelled 'a'; at least two classes are needed"),
        ([], "no row with a label is left; at least two classes are needed"),
    ],
)
def test_unfit_labels_are_named(labels: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_classes(pd.Series(labels, dtype=str))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a", "", "b", ""], r"2 row\(s\) \(id r1, r3\) without a label; label them at the source, or set preprocess"),
        ([""] * 8, r"8 row\(s\) \(id r0, r1, r2, r3, r4, …\) without a label"),
    ],
)
def test_rows_without_a_label_are_named(labels: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_unlabelled(table(labels), Settings())
    check_unlabelled(table(labels), Settings(unlabelled="leave_out"))


def test_a_row_without_a_group_is_one() -> None:
    numbers = number_groups(pd.Series(["a", "", "b", "a", ""]))
    assert numbers[0] == numbers[3]
    assert len(set(numbers)) == 4


def test_what_is_left_out_is_left_out_everywhere(workplace: Path, edit_params: Callable[..., None]) -> None:
    edit_params("preprocess", "unlabelled", "leave_out")
    edit_params("preprocess", "image_shape", [1, 1, 2])
    raw, prepared = workplace / "data/digits/raw", workplace / "data/digits/prepared"
    raw.mkdir(parents=True)
    table(["a", "", "b", "a"]).to_csv(raw / "labels.csv", index=False)
    np.save(raw / "features.npy", np.arange(8, dtype=np.uint8).reshape(4, 2))
    assert preprocess.main("digits") == "3 images of 1×1×2, 2 classes; 1 unlabelled left out"
    assert (prepared / "left_out.csv").read_text() == "id,label,reason\nr1,,unlabelled\n"
    assert list(pd.read_csv(prepared / "ids.csv")["id"]) == ["r0", "r2", "r3"]
    assert np.load(prepared / "labels.npy").tolist() == [0, 1, 0]
    np.testing.assert_array_equal(np.load(prepared / "images.npy").reshape(3, 2), [[0, 16], [64, 80], [96, 112]])


def images_of(features: np.ndarray, shape: tuple[int, int, int], pixel_max: float) -> np.ndarray:
    ids = pd.Series([f"r{i}" for i in range(len(features))])
    return to_images(features, ids, Settings(image_shape=list(shape), pixel_max=pixel_max)).images  # type: ignore[arg-type]


@pytest.mark.parametrize("pixel_max", [1.0, 16.0, 255.0, 4095.0])
def test_pixels_go_from_black_to_white(pixel_max: float) -> None:
    features = np.linspace(0, pixel_max, 12, dtype=np.float32).reshape(1, 12)
    images = images_of(features, (3, 2, 2), pixel_max)
    assert images.shape == (1, 3, 2, 2)
    assert images.dtype == np.uint8
    np.testing.assert_allclose(images.ravel() / 255, features.ravel() / pixel_max, atol=0.5 / 255)


@pytest.mark.parametrize(
    ("features", "shape", "pixel_max", "message"),
    [
        (np.zeros((2, 5)), (1, 2, 2), 255, r"image_shape: \[1, 2, 2\] makes 4 pixels, but a row .* has 5"),
        (np.array([[0, np.nan], [0, 1]]), (1, 1, 2), 255, r"1 row\(s\) \(id r0\) with NaN or infinite values"),
        (np.array([[0, 1], [0, np.inf]]), (1, 1, 2), 255, r"1 row\(s\) \(id r1\) with NaN or infinite values"),
        (np.array([[0, 17.0]]), (1, 1, 2), 16, "pixel_max: 16 does not fit .* values go from 0 to 17"),
        (np.array([[-1.0, 1.0]]), (1, 1, 2), 1, "pixel_max: 1 does not fit .* values go from -1 to 1"),
    ],
)
def test_unfit_pixels_are_named(
    features: np.ndarray, shape: tuple[int, int, int], pixel_max: float, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        images_of(features, shape, pixel_max)


def test_the_stage_needs_what_fetch_leaves(workplace: Path) -> None:
    with pytest.raises(InputError, match=r"data/digits/raw/labels.csv: not found; `dvc repro` makes it"):
        preprocess.main("digits")


def test_a_damaged_artifact_is_named(workplace: Path, edit_params: Callable[..., None]) -> None:
    raw = workplace / "data/digits/raw"
    raw.mkdir(parents=True)
    table(["a", "b"]).to_csv(raw / "labels.csv", index=False)
    np.save(raw / "features.npy", np.zeros((1797, 64), np.uint8))
    content = (raw / "features.npy").read_bytes()
    (raw / "features.npy").write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"features.npy: damaged \(.*\); remove it and `dvc repro` makes it again"):
        preprocess.main("digits")
