"""Bad pictures are found by what is wrong with them, good ones are not, and small drawings are left alone."""

import io
import os
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw, ImageFilter
from sklearn.datasets import load_digits

import stages.inspect.__main__ as inspect
from stages.artifacts.files import read_table, write_json, write_table
from stages.artifacts.found import Trouble, read_trouble
from stages.artifacts.kind import Kind, write_kind
from stages.inspect.picture_measures import measure_picture
from stages.inspect.picture_quality import KINDS

# a file that an earlier test of the process left open may be closed in any later one
pytestmark = pytest.mark.filterwarnings("error", "ignore::pytest.PytestUnraisableExceptionWarning")
WIDTH, HEIGHT = 240, 180
PLAIN = (90, 120, 60)
Change = Callable[[Image.Image], Image.Image]


@pytest.fixture(autouse=True)
def _in_a_workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make_picture(seed: int, width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Draw coloured shapes with sharp edges on noise."""
    rng = np.random.default_rng(seed)
    picture = Image.fromarray(rng.integers(60, 160, (height, width, 3), dtype=np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(2))
    draw = ImageDraw.Draw(picture)
    for x, y in product(range(10, width - 40, 60), range(10, height - 40, 60)):
        draw.ellipse((x, y, x + 40, y + 40), fill=tuple(rng.integers(20, 250, 3).tolist()))
    return picture


def inspect_pictures(pictures: dict[str, Image.Image]) -> pd.DataFrame:
    """Run the stage on pictures in files, in PNG, and return its table."""
    raw = Path("data/toy/raw")
    raw.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(raw / "pictures.zip", "w") as archive:
        for name, picture in pictures.items():
            file = io.BytesIO()
            picture.save(file, format="PNG")
            archive.writestr(name, file.getvalue())
    small = [np.asarray(picture.convert("L").resize((8, 8))) for picture in pictures.values()]
    return inspect_arrays(np.array(small)[:, None], list(pictures))


def inspect_arrays(images: np.ndarray, ids: list[str]) -> pd.DataFrame:
    """Run the stage on what ``preprocess`` left, and return its table."""
    write_prepared("picture", ids)
    np.save("data/toy/prepared/images.npy", images)
    inspect.main("toy")
    return read_table(Path("data/toy/examples/picture_quality.csv")).astype({"score": float})


def write_prepared(kind: Kind, ids: list[str]) -> None:
    prepared, features = Path("data/toy/prepared"), Path("data/toy/features")
    for folder in (prepared, features):
        folder.mkdir(parents=True, exist_ok=True)
    # for duplicates and outliers, which are no matter here
    np.save(features / "features.npy", np.random.default_rng(0).normal(size=(len(ids), 4)).astype(np.float32))
    write_json(features / "source.json", {"name": "toy", "metric": "euclidean", "pretrained": False})
    write_kind(prepared, kind)
    write_table(prepared / "ids.csv", pd.DataFrame({"id": ids}))
    write_json(prepared / "classes.json", ["cat", "dog"])
    np.save(prepared / "labels.npy", np.arange(len(ids)) % 2)
    np.save(prepared / "contents.npy", np.arange(len(ids)))
    Path("params.yaml").write_text("toy: {}")


def make_good(count: int = 20) -> dict[str, Image.Image]:
    return {f"good-{number}.png": make_picture(number) for number in range(count)}


def shake(picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture).astype(float)
    return Image.fromarray(np.mean([np.roll(pixels, by, axis=1) for by in range(9)], axis=0).astype(np.uint8))


CHANGES: list[tuple[str, str, Change]] = [
    ("underexposed", "dark", lambda picture: picture.point(lambda level: level // 4)),
    ("overexposed", "bright", lambda picture: picture.point(lambda level: min(255, 4 * level))),
    ("out of focus", "blurred", lambda picture: picture.filter(ImageFilter.GaussianBlur(3))),
    ("moved", "blurred", shake),
    ("moved up", "blurred", lambda picture: shake(picture.rotate(90, expand=True)).rotate(-90, expand=True)),
    ("one colour", "little information", lambda picture: Image.new("RGB", picture.size, PLAIN)),
    ("fog", "little information", lambda p: Image.blend(Image.new("RGB", p.size, (128, 128, 128)), p, 0.02)),
    ("a thumbnail", "odd size", lambda picture: picture.resize((24, 18))),
    ("huge", "odd size", lambda picture: picture.resize((3 * WIDTH, 3 * HEIGHT), Image.Resampling.NEAREST)),
    ("a strip", "odd shape", lambda picture: picture.crop((0, 0, 70, HEIGHT)).resize((100, 400))),
]


@pytest.mark.parametrize(("kind", "change"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_each_fault_is_found_as_what_it_is(kind: str, change: Change, mode: str) -> None:
    pictures = make_good() | {"bad.png": change(make_picture(98))}
    table = inspect_pictures({name: picture.convert(mode) for name, picture in pictures.items()})
    assert list(table.columns) == ["id", "given_label", "kind", "score"]
    assert set(table["id"]) == {"bad.png"}
    assert kind in set(table["kind"])
    assert set(table["given_label"]) == {"cat"}
    assert table["score"].between(0, 1).all()


def test_the_worst_come_first_and_each_picture_once_for_the_page() -> None:
    shares = {"a.png": 0.3, "b.png": 0.25, "c.png": 0.35}
    bad = {name: make_picture(50).point(lambda level, share=share: level * share) for name, share in shares.items()}
    pictures = make_good(30) | bad | {"black.png": Image.new("RGB", (WIDTH, HEIGHT))}
    table = inspect_pictures(pictures)
    assert table["score"].is_monotonic_increasing
    assert table.loc[table["kind"] == "dark", "id"].tolist() == ["black.png", "b.png", "a.png", "c.png"]
    assert set(table["kind"]) <= set(KINDS)
    trouble: Trouble = read_trouble("toy", pictures)
    once = trouble.bad_pictures
    assert once["id"].tolist() == ["black.png", "b.png", "a.png", "c.png"]
    assert once["kind"].tolist() == ["dark, little information", "dark", "dark", "dark"]


def test_copies_are_judged_alike_on_any_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    blurred = make_picture(50).filter(ImageFilter.GaussianBlur(4))
    pictures = make_good(70) | {f"copy-{number}.png": blurred for number in range(3)}
    tables = []
    for cores in (1, 7):
        monkeypatch.setattr(joblib, "cpu_count", lambda cores=cores: cores)
        tables.append(inspect_pictures(pictures))
    assert tables[0].equals(tables[1])
    assert tables[0]["id"].tolist() == ["copy-0.png", "copy-1.png", "copy-2.png"]
    assert tables[0]["score"].nunique() == 1


def on_plain_ground(number: int) -> Image.Image:
    ground = Image.new("RGB", (WIDTH, HEIGHT), PLAIN)
    ground.paste(make_picture(number).resize((60, 45)), (90, 70))
    return ground


def before_a_blurred_ground(number: int) -> Image.Image:
    picture = make_picture(number)
    ground = picture.filter(ImageFilter.GaussianBlur(6))
    ground.paste(picture.crop((80, 60, 160, 120)), (80, 60))
    return ground


def low_contrast(number: int) -> Image.Image:
    return Image.blend(Image.new("RGB", (WIDTH, HEIGHT), (128, 128, 128)), make_picture(number), 0.2)


@pytest.mark.parametrize("make", [on_plain_ground, before_a_blurred_ground, low_contrast])
def test_what_is_sharp_is_not_blurred(make: Callable[[int], Image.Image]) -> None:
    pictures = make_good() | {f"sharp-{number}.png": make(number) for number in range(4)}
    assert "blurred" not in set(inspect_pictures(pictures)["kind"])


def test_a_saturated_colour_is_neither_dark_nor_bright() -> None:
    for channel in range(3):
        colour = [0, 0, 0]
        colour[channel] = 255
        measures = measure_picture(Image.new("RGB", (100, 100), tuple(colour)))
        assert (measures.light, measures.drawn) == (1, 1)


def test_pictures_of_several_ordinary_sizes_are_not_odd() -> None:
    sizes = [(240, 180)] * 16 + [(180, 240), (200, 150), (320, 200), (300, 300), (160, 120)]
    pictures = {f"{number}.png": make_picture(number, *size) for number, size in enumerate(sizes)}
    assert inspect_pictures(pictures).empty


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (70, 9000), (63, 63), (64, 64)])
def test_a_picture_of_any_size_is_measured(size: tuple[int, int]) -> None:
    measures = measure_picture(Image.new("RGB", size, PLAIN))
    assert np.isnan(measures.sharpness)
    assert measures.information == 0


@pytest.mark.parametrize("inverted", [False, True])
def test_small_drawings_are_not_flooded_and_a_blank_one_is_found(inverted: bool) -> None:
    images = np.rint(load_digits().images * 255 / 16).astype(np.uint8)[:, None]
    images[5] = 0
    table = inspect_arrays(255 - images if inverted else images, [str(row) for row in range(len(images))])
    assert set(table["id"]) == {"5"}
    assert "little information" in set(table["kind"])


def test_data_that_are_all_dark_have_no_dark_picture() -> None:
    pictures = {name: picture.point(lambda level: level // 4) for name, picture in make_good().items()}
    assert inspect_pictures(pictures).empty
    pictures["black.png"] = Image.new("RGB", (WIDTH, HEIGHT))
    assert set(inspect_pictures(pictures)["id"]) == {"black.png"}


def test_rows_that_are_no_pictures_have_an_empty_table() -> None:
    write_prepared("text", ["a", "b"])
    write_table(Path("data/toy/prepared/rows.csv"), pd.DataFrame({"text": ["one text", "another"]}))
    inspect.main("toy")
    assert Path("data/toy/examples/picture_quality.csv").read_text() == "id,given_label,kind,score\n"


@pytest.mark.skipif("REAL_DATA" not in os.environ, reason="REAL_DATA is not set: it names a folder with clothes.zip")
def test_good_photographs_have_no_findings_and_blurred_ones_have() -> None:
    with zipfile.ZipFile(Path(os.environ["REAL_DATA"]) / "clothes.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".jpg")][::10]
        pictures = {name: Image.open(io.BytesIO(archive.read(name))).convert("RGB") for name in names}
    for name in names[:3]:
        pictures[name] = pictures[name].filter(ImageFilter.GaussianBlur(max(pictures[name].size) / 100))
    table = inspect_pictures(pictures)
    assert set(table["id"]) == set(names[:3])
    assert set(table["kind"]) == {"blurred"}
