"""Pictures come from a folder or an archive, whatever their sizes and kinds, and no archive gets out of hand."""

import io
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import stages.fetch.download as download
from stages.artifacts.files import read_json
from stages.command.errors import InputError
from stages.fetch.raw import SourceError
from stages.fetch.settings import Csv, Settings
from stages.fetch.sources import images, npz
from stages.preprocess.pictures import decode, decode_pictures
from stages.preprocess.settings import Settings as Shape
from tests.conftest import Clone
from tests.web import serve_folder

SETTINGS = Settings(sources=["any"])
GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5


def png(pixels: np.ndarray = GREY) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two cats, one of them deeper, and a dog, with files that are no pictures."""
    names = ("cat/1.png", "cat/deeper/2.PNG", "dog/é, 3.png")
    for number, name in enumerate(names):
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(GREY + number))
    (tmp_path / "pets/readme.txt").write_text("pets")
    (tmp_path / "pets/cat/.DS_Store").write_bytes(b"x")
    (tmp_path / "pets/stray.png").write_bytes(png())
    return tmp_path / "pets"


EXPECTED = [["cat/1.png", "cat"], ["cat/deeper/2.PNG", "cat"], ["dog/é, 3.png", "dog"]]


def pack(folder: Path, kind: str, root: str = ".") -> Path:
    return Path(
        shutil.make_archive(str(folder.parent / f"packed-{kind}"), kind, folder.parent if root != "." else folder, root)
    )


@pytest.mark.parametrize("kind", ["folder", "zip", "tar", "gztar", "wrapped"])
def test_a_sub_folder_is_a_class_in_a_folder_and_in_an_archive(folder: Path, kind: str) -> None:
    if kind == "wrapped":
        (folder / "stray.png").unlink()
        (folder / "readme.txt").unlink()
        path = pack(folder, "zip", "pets")
    else:
        path = folder if kind == "folder" else pack(folder, kind)
    raw = images.fetch(str(path), SETTINGS)
    assert raw.table.to_numpy().tolist() == EXPECTED
    assert [path.read_bytes() for path in raw.files] == [png(GREY + number) for number in range(3)]
    assert raw.sha256() == images.fetch(str(folder), SETTINGS).sha256()
    assert str(raw) == "3 pictures in 2 classes"


def test_archives_and_arrays_come_by_url(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "a.npz", X=GREY, y=np.arange(6))
    with serve_folder(tmp_path) as address:
        pictures = images.fetch(f"{address}/{pack(folder, 'zip').name}", SETTINGS)
        assert pictures.sha256() == images.fetch(str(folder), SETTINGS).sha256()
        assert len(npz.fetch(f"{address}/a.npz?version=1", SETTINGS).table) == 6
        monkeypatch.setattr(download, "RETRIES", 0)
        with pytest.raises(SourceError, match="archive did not come: HTTP 404"):
            images.fetch(f"{address}/nowhere.zip", SETTINGS)


def test_a_table_beside_the_pictures_gives_the_labels_and_the_order(folder: Path) -> None:
    (folder / "labels.csv").write_text('path,label,more\nstray.png,dog,x\n"dog/é, 3.png",cat,y\n', encoding="utf-8")
    assert images.fetch(str(folder), SETTINGS).table.to_numpy().tolist() == [
        ["stray.png", "dog"],
        ["dog/é, 3.png", "cat"],
    ]


def make_tree(folder: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png(GREY + number))
    return folder


SPLIT = ("test/dog/2.png", "train/cat/1.png", "train/cat/deeper/2.png", "train/dog/2.png")
TREES: dict[str, tuple[tuple[str, ...], list[list[str]]]] = {
    "a class is missing in a split": (
        SPLIT,
        [[name, name.split("/")[1], name.split("/")[0]] for name in SPLIT],
    ),
    "case does not matter, and hidden files do not count": (
        (".cache/x/1.png", "Validation/cat/1.png", "train/.thumbs/1.png", "train/dog/1.png"),
        [["Validation/cat/1.png", "cat", "validation"], ["train/dog/1.png", "dog", "train"]],
    ),
    "one split alone": (
        ("train/cat/1.png", "train/dog/1.png"),
        [[f"train/{c}/1.png", c, "train"] for c in ("cat", "dog")],
    ),
    "a picture in the folder of a split has no label": (
        ("test/1.png", "train/cat/1.png"),
        [["test/1.png", "", "test"], ["train/cat/1.png", "cat", "train"]],
    ),
    "a class may be called test": (
        ("control/1.png", "test/1.png"),
        [["control/1.png", "control"], ["test/1.png", "test"]],
    ),
    "a class may be called valid": (
        ("invalid/a/1.png", "valid/2.png"),
        [["invalid/a/1.png", "invalid"], ["valid/2.png", "valid"]],
    ),
}


@pytest.mark.parametrize("kind", ["folder", "zip", "tar", "wrapped"])
@pytest.mark.parametrize("tree", TREES)
def test_folders_above_the_classes_are_splits(tmp_path: Path, tree: str, kind: str) -> None:
    names, expected = TREES[tree]
    folder = make_tree(tmp_path / "outer" / "pets", *names)
    (folder.parent / "readme.txt").write_text("lies beside the folder that holds everything")
    path = folder if kind == "folder" else pack(folder.parent, "zip") if kind == "wrapped" else pack(folder, kind)
    raw = images.fetch(str(path), SETTINGS)
    assert raw.table.to_numpy().tolist() == expected
    assert list(raw.table) == ["id", "label", "split"][: len(expected[0])]


NO_CLASSES: dict[str, tuple[tuple[str, ...], str]] = {
    "folders of folders": (("a/cat/1.png", "b/cat/2.png"), "the classes would be a, b, which hold only folders"),
    "below splits": (
        ("test/all/cat/1.png", "train/all/cat/1.png"),
        "the classes would be test/all, train/all, which hold only folders",
    ),
    "not all are splits": (
        ("extra/cat/1.png", "train/cat/1.png"),
        "named as splits are, with only folders inside: train; but beside them lie extra",
    ),
    "a split beside classes": (
        ("cat/1.png", "dog/1.png", "test/cat/1.png"),
        "named as splits are, with only folders inside: test; but beside them lie cat, dog",
    ),
    "splits without classes": (
        ("test/1.png", "train/1.png"),
        "named as splits are, without a folder for each class inside: test, train",
    ),
}


@pytest.mark.parametrize("tree", NO_CLASSES)
def test_folders_that_do_not_say_the_class_are_refused_with_two_ways_out(tmp_path: Path, tree: str) -> None:
    names, message = NO_CLASSES[tree]
    folder = make_tree(tmp_path / "pets", *names)
    with pytest.raises(SourceError) as caught:
        images.fetch(str(folder), SETTINGS)
    said = str(caught.value)
    assert said.startswith(f"{folder}: {message}")
    assert len(said.splitlines()) == 1
    assert "name the folder that holds the class folders in fetch.sources" in said
    assert "write a labels.csv" in said
    rows = "".join(f"{name},{number},train\n" for number, name in enumerate(names))
    (folder / "labels.csv").write_text(f"path,label,split\n{rows}")
    raw = images.fetch(str(folder), SETTINGS)
    assert raw.table["split"].tolist() == ["train"] * len(names)
    assert raw.table["id"].tolist() == list(names)


@pytest.mark.parametrize("kind", ["folder", "tar", "gztar"])
@pytest.mark.parametrize("name", [b"d\xe9/1.png", b"cat/caf\xe9.png", b"train/cat/\xff.png"])
def test_names_that_are_no_utf_8_are_named(folder: Path, kind: str, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png())
    source = folder if kind == "folder" else pack(folder, kind)
    with pytest.raises(SourceError, match=r"1 name\(s\) of files that are not UTF-8 \('.*\\udc.*'\); unpack an archi"):
        images.fetch(str(source), SETTINGS)


def test_a_table_without_names_is_named(folder: Path) -> None:
    (folder / "labels.csv").write_text("cat/1.png,cat\ncat/deeper/2.PNG,cat\n")
    with pytest.raises(
        SourceError, match=r"no column path, label; .* looks like a row, for 'cat' is in the rows below"
    ):
        images.fetch(str(folder), SETTINGS)
    settings = Settings(sources=["any"], csv=Csv(header=["path", "label"]))
    assert images.fetch(str(folder), settings).table["label"].tolist() == ["cat", "cat"]


def test_names_that_a_table_does_not_name_may_be_anything(folder: Path) -> None:
    (folder / "labels.csv").write_text('path,label\ncat/1.png,a\n"dog/é, 3.png",b\n')
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.png")).write_bytes(png())
    assert images.fetch(str(folder), SETTINGS).table["label"].tolist() == ["a", "b"]


def test_a_table_in_another_encoding_is_read_as_params_say(folder: Path) -> None:
    (folder / "labels.csv").write_bytes('path;label\ncat/1.png;a\n"dog/é, 3.png";ö\n'.encode("latin-1"))
    with pytest.raises(SourceError, match=r"labels\.csv: line 3, byte 6: 0xe9 is not UTF-8; if '.*dog/é, 3.*' stands"):
        images.fetch(str(folder), SETTINGS)
    settings = Settings(sources=["any"], csv=Csv(encoding="latin-1"))
    assert images.fetch(str(folder), settings).table.to_numpy().tolist() == [["cat/1.png", "a"], ["dog/é, 3.png", "ö"]]


def test_a_table_in_the_folder_that_holds_everything_is_found(tmp_path: Path) -> None:
    folder = make_tree(tmp_path / "pets", "train/1.png", "train/2.png")
    (folder / "train/labels.csv").write_text("path,label\n1.png,cat\n2.png,dog\n")
    assert images.fetch(str(folder), SETTINGS).table.to_numpy().tolist() == [["1.png", "cat"], ["2.png", "dog"]]


def test_what_is_written_depends_on_the_content_alone(folder: Path, tmp_path: Path) -> None:
    written = []
    for number, path in enumerate((folder, pack(folder, "zip"), pack(folder, "tar"))):
        target = tmp_path / str(number)
        target.mkdir()
        images.fetch(str(path), SETTINGS).write(target)
        written.append((target / "pictures.zip").read_bytes())
    assert written[0] == written[1] == written[2]


def write_zip(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_tar(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    return path


def link(name: str, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member


def zipped(files: dict[str, bytes]) -> Callable[[Path], Path]:
    return lambda folder: write_zip(folder / "a.zip", files)


def changed(change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = write_zip(folder / "a.zip", {"cat/1.png": png()}, zipfile.ZIP_STORED)
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


NO_ARCHIVE = "a.zip: is neither a folder nor a zip or tar archive"
OUTSIDE = "a.zip: names a file outside of itself, '"
Y = {"y.png": png()}
TROUBLE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "not there": (lambda folder: folder / "nowhere", "nowhere is not there"),
    "no archive": (changed(lambda content: b"hello"), NO_ARCHIVE),
    "cut short": (changed(lambda content: content[:-30]), NO_ARCHIVE),
    "damaged": (changed(lambda content: content.replace(b"PNG", b"GNP")), "a.zip: damaged, or of a kind that"),
    "empty": (zipped({"readme.txt": b"x"}), "holds no pictures in sub-folders, one for each class, and no labels.csv"),
    "above": (zipped({"../cat/1.png": png()}), f"{OUTSIDE}../cat"),
    "absolute": (zipped({"/etc/1.png": png()}), f"{OUTSIDE}/etc"),
    "drive": (zipped({"C:\\cat\\1.png": png()}), f"{OUTSIDE}C:"),
    "backslash": (zipped({"a\\..\\..\\1.png": png()}), OUTSIDE),
    "bomb": (
        zipped({"cat/1.png": bytes(3_000_000)}),
        "a.zip: unpacks to more than 100 times its size; if you trust it, raise fetch.max_unpacking",
    ),
    "links": (lambda folder: write_tar(folder / "a.tar", link("cat/1.png", "/etc/passwd")), "holds no pictures"),
    "absent": (
        zipped({"labels.csv": b"path,label\nx.png,cat\n", **Y}),
        r"labels.csv: 1 path\(s\) are not there \(x.png\); correct them",
    ),
    "twice": (
        zipped({"labels.csv": b"path,label\ny.png,cat\ny.png,dog\n", **Y}),
        r"labels.csv: 1 path\(s\) are named twice \(y.png\)",
    ),
    "columns": (
        zipped({"labels.csv": b"file,label\ny.png,cat\n", **Y}),
        "labels.csv: no column path; its first line must name path and label",
    ),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_an_archive_out_of_order_is_named_and_writes_nothing(tmp_path: Path, trouble: str) -> None:
    make, message = TROUBLE[trouble]
    inner = tmp_path / "inner"
    inner.mkdir()
    path = make(inner)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SourceError, match=message):
        images.fetch(str(path), SETTINGS)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_limit_can_be_raised(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"cat/1.png": bytes(3_000_000)})
    assert len(images.fetch(str(path), Settings(sources=["any"], max_unpacking=10_000)).table) == 1


def decoded(content: bytes, *image_shape: int, **more: object) -> np.ndarray:
    settings = shape(*image_shape, **more)
    assert settings.image_shape
    return decode(content, settings.image_shape, settings)[0]


def shape(*image_shape: int, **more: object) -> Shape:
    return Shape(image_shape=list(image_shape), **more)  # type: ignore[arg-type]


def test_pixels_of_the_wanted_size_are_kept() -> None:
    np.testing.assert_array_equal(decoded(png(), 1, 6, 8), GREY[None])
    colour = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    np.testing.assert_array_equal(decoded(png(colour), 3, 6, 8), colour.transpose(2, 0, 1))
    np.testing.assert_array_equal(decoded(png(), 3, 6, 8), np.stack([GREY] * 3))


def test_sizes_are_made_equal_by_the_rule() -> None:
    half = np.zeros((4, 8), np.uint8)
    half[:, 4:] = 200
    resized, cropped, padded = (decoded(png(half), 1, 4, 4, fit=fit)[0] for fit in ("resize", "crop", "pad"))
    assert (resized[:, 0] < 20).all()
    assert (resized[:, 3] > 180).all()
    np.testing.assert_array_equal(cropped, half[:, 2:6])
    assert (padded[[0, 3]] == 0).all()
    assert (padded[1:3, 3] > 180).all()


@pytest.mark.parametrize(
    ("fit", "said"),
    [
        ("resize", ", 2 of them squeezed by more than 5%"),
        ("crop", ", 2 of them cropped by more than 5%"),
        ("pad", ", 2 of them padded by more than 5%"),
    ],
)
def test_it_is_said_how_many_got_another_form(tmp_path: Path, fit: str, said: str) -> None:
    sizes = {"same": (8, 8), "larger": (80, 80), "nearly": (100, 104), "wide": (8, 10), "high": (10, 8), "bad": (0, 0)}
    files = {name: png(np.zeros(size, np.uint8)) if size[0] else b"no picture" for name, size in sizes.items()}
    path = write_zip(tmp_path / "a.zip", files)
    pictures = decode_pictures(path, pd.Series([*files]), shape(1, 8, 8, fit=fit))
    assert str(pictures) == f"6 images of 1×8×8{said}"
    pictures.take(np.array([0, 1, 3])).write(tmp_path)
    assert read_json(tmp_path / "fitted.json") == {"fit": fit, "unlike": 1}
    assert str(pictures.take(np.array([0, 1, 2]))) == "3 images of 1×8×8"


def test_deep_transparent_and_indexed_pictures_become_bytes() -> None:
    deep = np.array([[0, 65535], [257 * 100, 257]], np.uint16)
    np.testing.assert_array_equal(decoded(png(deep), 1, 2, 2)[0], [[0, 255], [100, 1]])
    clear = np.full((2, 2, 4), 255, np.uint8)
    clear[0, 0, 3] = 0
    np.testing.assert_array_equal(decoded(png(clear), 1, 2, 2)[0], [[0, 255], [255, 255]])
    buffer = io.BytesIO()
    Image.fromarray(np.array([[255, 0], [0, 255]], np.uint8)).convert("1").save(buffer, format="GIF")
    np.testing.assert_array_equal(decoded(buffer.getvalue(), 1, 2, 2)[0], [[255, 0], [0, 255]])


def test_a_camera_held_sideways_is_turned_back() -> None:
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.repeat(np.array([[0], [250]], np.uint8), 16, 1).repeat(8, 0)).save(buffer, "PNG", exif=exif)
    turned = decoded(buffer.getvalue(), 1, 16, 16)[0]
    assert turned[:, 0].min() == 250
    assert turned[:, 15].max() == 0


def test_unreadable_and_too_large_pictures_are_found(tmp_path: Path) -> None:
    path = write_zip(
        tmp_path / "a.zip", {"a": png(), "b": b"no picture", "c": png()[:45], "d": png(np.zeros((90, 90), np.uint8))}
    )
    pictures = decode_pictures(path, pd.Series(list("abcd")), shape(1, 6, 8, max_pixels=8000))
    unread, large = "that cannot be read as pictures", "with more than 8,000 pixels (preprocess.max_pixels)"
    assert pictures.flaws().tolist() == ["", unread, unread, large]
    np.testing.assert_array_equal(pictures.images[0, 0], GREY)
    with pytest.raises(InputError, match=r"image_shape: .* does not fit pictures in files; give \[channels"):
        decode_pictures(path, pd.Series(["a"]), shape(2, 6, 8))


def test_arrays_are_taken_as_they_are(tmp_path: Path) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (4, 6, 8, 3), dtype=np.uint8)
    np.savez(tmp_path / "a.npz", X=colour, y=["b", "a", "b", "a"], ids=["w", "x", "y", "z"])
    raw = npz.fetch(str(tmp_path / "a.npz"), SETTINGS)
    np.testing.assert_array_equal(raw.features.reshape(4, 3, 6, 8), colour.transpose(0, 3, 1, 2))
    assert raw.table.to_numpy().tolist() == [["w", "b"], ["x", "a"], ["y", "b"], ["z", "a"]]
    np.savez_compressed(tmp_path / "b.npz", features=GREY / 2, labels=np.arange(6))
    raw = npz.fetch(str(tmp_path / "b.npz"), SETTINGS)
    assert raw.features.dtype == np.float32
    assert list(raw.table["id"]) == list("012345")


ARRAYS: list[tuple[dict[str, Any], str]] = [
    ({"data": GREY, "y": np.arange(6)}, "no array is called features or images or X or x; there are: data, y"),
    ({"X": GREY, "labels": np.arange(5)}, "6 rows of features but 5 labels"),
    ({"X": GREY, "y": np.arange(6), "ids": np.zeros(6)}, "two rows have the id '0.0'; each needs one of its own"),
    ({"X": GREY, "y": np.arange(6), "ids": np.zeros(5)}, "6 rows of features but 5 ids"),
    ({"X": np.arange(6), "y": np.arange(6)}, "features must be numbers, a row for each example"),
    ({"X": np.array([["a"]] * 6), "y": np.arange(6)}, "features must be numbers, a row for each example"),
    ({"X": GREY, "y": np.array([{}] * 6, dtype=object)}, "not a file of plain arrays, as numpy.savez writes it"),
]


@pytest.mark.parametrize(("arrays", "message"), ARRAYS)
def test_arrays_out_of_order_are_named(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(SourceError, match=message):
        npz.fetch(str(tmp_path / "a.npz"), SETTINGS)


@pytest.mark.parametrize(("content", "message"), [(b"text", "not a file of plain arrays"), (None, "is not there")])
def test_a_file_that_holds_no_arrays_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content:
        (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        npz.fetch(str(tmp_path / "a.npz"), SETTINGS)


def test_digits_in_files_give_the_flags_of_the_embedded_ones(clone: Clone) -> None:
    prepared = clone.path("data/digits/prepared")
    pixels, labels = np.load(prepared / "images.npy"), np.load(prepared / "labels.npy")
    paths = [f"half{row // 900}/{row:04}.png" for row in range(len(labels))]
    for path, picture in zip(paths, pixels, strict=True):
        clone.path(f"pictures/{path}").parent.mkdir(parents=True, exist_ok=True)
        clone.path(f"pictures/{path}").write_bytes(png(picture[0]))
    # in any order: folds are dealt, and networks trained, in that of the ids
    table = pd.DataFrame({"path": paths, "label": labels}).sample(frac=1, random_state=0)
    table.to_csv(clone.path("pictures/labels.csv"), index=False)
    clone.set_param("split", "folds", 2)
    clone.set_param("crossval_predict", "max_epochs", 3)
    clone.repro("find_issues@digits")
    embedded = pd.read_csv(clone.path("data/digits/issues.csv"))
    clone.set_param("fetch", "sources", ["images:pictures"])
    clone.set_param("fetch", "sha256", None)
    assert "1,797 pictures in 10 classes from images:pictures" in clone.repro("find_issues@digits")
    issues = pd.read_csv(clone.path("data/digits/issues.csv"))
    assert list(issues["id"]) == [paths[row] for row in embedded["id"]]
    assert issues.drop(columns="id").equals(embedded.drop(columns="id"))


LINKS: dict[str, Callable[[Path], object]] = {
    "a file elsewhere": lambda folder: (folder / "cat/x.png").symlink_to("/etc/passwd"),
    "above": lambda folder: (folder / "cat/x.png").symlink_to("../../secret.png"),
    "a folder elsewhere": lambda folder: (folder / "x").symlink_to("/etc"),
    "a folder above": lambda folder: (folder / "cat/x").symlink_to("../.."),
    "nowhere": lambda folder: (folder / "cat/x.png").symlink_to("gone.png"),
    "round": lambda folder: (folder / "cat/x.png").symlink_to("x.png"),
    "by another link": lambda folder: (folder / "cat/x.png").symlink_to("../../link"),
    "a table elsewhere": lambda folder: (folder / "x.csv").symlink_to("/etc/passwd"),
}


@pytest.mark.parametrize("leads", LINKS)
def test_links_out_of_a_folder_are_refused(folder: Path, leads: str) -> None:
    (folder.parent / "secret.png").write_bytes(png())
    (folder.parent / "link").symlink_to("secret.png")
    LINKS[leads](folder)
    with pytest.raises(
        SourceError, match=r"1 link\(s\) lead out of it, or nowhere \([a-z/]*x[.a-z]*\); put the files in"
    ):
        images.fetch(str(folder), SETTINGS)


def test_links_within_a_folder_are_files_of_it(folder: Path) -> None:
    before = images.fetch(str(folder), SETTINGS)
    first = before.files[0]
    (first.parent / "again.png").symlink_to(first.name)
    (folder / "newest").symlink_to(first.parent.name)
    # a hidden one is none of them
    (folder / ".x").symlink_to("/etc")
    (folder.parent / "named").symlink_to(folder.name)
    for path in (folder, folder.parent / "named"):
        assert len(images.fetch(str(path), SETTINGS).table) == len(before.table) + 1
