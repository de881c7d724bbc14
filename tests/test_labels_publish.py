"""`labels publish` writes a released version with a card and a Croissant file, and uploads it whole."""

import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from labels.publishing.files import name_simply
from labels.publishing.publish import publish
from stages.command.errors import InputError
from stages.fetch.__main__ import main
from tests.cleaned_data import IMAGES, LABELS, SPLITS, TABLE, TEXTS, make_repository
from tests.conftest import ROOT, Clone
from tests.data_hub import OWNER, serve_data_hub
from tests.pages import find_block

NAMES = ("pictures", "photos", "rows", "texts")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Tester")
            patch.setenv(f"GIT_{role}_EMAIL", "tester@example.org")
        clone = make_repository(tmp_path_factory.mktemp("published") / "repository")
    clone.path("params.yaml").write_text("".join(f"{name}: {{fetch: {{sources: []}}}}\n" for name in NAMES))
    return clone


@pytest.fixture(autouse=True)
def _here(repository: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.folder)


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def read_head(folder: Path) -> Any:
    return yaml.safe_load((folder / "README.md").read_text().split("---\n")[1])


def test_arrays(tmp_path: Path) -> None:
    assert publish("pictures", "1.0.0", str(tmp_path / "out")) == f"pictures: v1.0.0, 5 rows, in {tmp_path / 'out'}"
    arrays = np.load(tmp_path / "out/data.npz")
    assert np.array_equal(arrays["features"], IMAGES)
    assert [arrays[name].tolist() for name in ("labels", "splits")] == [LABELS, SPLITS]
    assert read(tmp_path / "out/labels.csv")["split"].tolist() == SPLITS
    head = read_head(tmp_path / "out")
    assert head["task_categories"] == ["image-classification"]
    assert head["configs"][0]["data_files"] == [{"split": "all", "path": "labels.csv"}]


@pytest.mark.parametrize(("name", "cells"), [("rows", TABLE), ("texts", pd.DataFrame({"text": TEXTS}))])
def test_cells_are_as_they_were_found(tmp_path: Path, name: str, cells: pd.DataFrame) -> None:
    publish(name, "v1.10.0", str(tmp_path / "out"))
    table = read(tmp_path / "out/data/all.csv")
    # somebody removed the first
    assert table["label"].tolist() == LABELS[1:]
    for column in cells:
        own = f"{column} (column)" if column == "label" else column
        assert table[own].tolist() == cells[column].tolist()[1:]
    assert read_head(tmp_path / "out")["configs"][0]["data_files"] == [{"split": "all", "path": "data/all.csv"}]


def test_the_digits_are_published_as_the_page_shows(released: Clone, tmp_path: Path) -> None:
    command, said = find_block("docs/publishing.md", "$ python -m labels publish").splitlines()
    folder = str(tmp_path / "digits-1.1.0")
    printed = released.labels(*command.removeprefix("$ python -m labels ").split()[:-1], folder)
    assert printed.strip() == said.replace("digits-1.1.0", folder)
    card = (tmp_path / "digits-1.1.0/README.md").read_text()
    assert "# digits labels 1.1.0" in card
    assert "## Changes since v1.0.0" in card


def test_what_is_published_is_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, kind in (("rows", "csv:{}/data/*.csv"), ("pictures", "npz:{}/data.npz")):
        folder = tmp_path / name
        publish(name, "1.10.0", str(folder))
        keys = {"label": "label", "id": "id"} if name == "rows" else {}
        fetch = {"sources": [kind.format(folder)], **keys}
        (tmp_path / "params.yaml").write_text(yaml.safe_dump({"again": {"fetch": fetch}}))
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            main("again")
        assert read(tmp_path / "data/again/raw/labels.csv")[["id", "label"]].equals(
            read(folder / "labels.csv")[["id", "label"]]
        )


def test_pictures_in_files(tmp_path: Path) -> None:
    publish("photos", "1.0.0", str(tmp_path / "out"))
    with zipfile.ZipFile(tmp_path / "out/data/all.zip") as archive:
        listed = pd.read_csv(io.BytesIO(archive.read("metadata.csv")), dtype=str)
        assert listed["file_name"].tolist() == [f"{label}/{row}.png" for row, label in enumerate(LABELS)]
        assert {name.filename for name in archive.infolist()} == {*listed["file_name"], "metadata.csv"}
    assert read(tmp_path / "out/labels.csv")["file"][0] == "data/all.zip/cat/0.png"


@pytest.mark.parametrize("name", NAMES)
def test_the_same_version_has_the_same_bytes(tmp_path: Path, name: str) -> None:
    for folder in ("a", "b"):
        publish(name, "1.0.0", str(tmp_path / folder))
    for path in (tmp_path / "a").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes(), path


@pytest.mark.parametrize("name", NAMES)
def test_croissant_readers_find_the_rows(tmp_path: Path, name: str) -> None:
    croissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")
    publish(name, "1.0.0", str(tmp_path / "out"))
    about = json.loads((tmp_path / "out/croissant.json").read_text())
    for file in about["distribution"]:
        if file["@type"] == "cr:FileObject":
            content = (tmp_path / "out" / file["contentUrl"]).read_bytes()
            assert file["sha256"] == hashlib.sha256(content).hexdigest()
    described = croissant.Dataset(jsonld=str(tmp_path / "out/croissant.json"))
    assert not described.metadata.ctx.issues.errors
    assert described.metadata.version == "1.0.0"
    records = list(described.records("labels"))
    assert [record["labels/label"].decode() for record in records] == LABELS


def test_names_are_simple_and_no_two_the_same() -> None:
    named = name_simply(["train", "a b", "a_b", "a_b_2", "é.1", "a b"])
    assert named == {"train": "train", "a b": "a_b", "a_b": "a_b_2", "a_b_2": "a_b_2_2", "é.1": "é_1"}


def test_the_card_ends_with_the_files_and_holds_the_note(tmp_path: Path) -> None:
    publish("photos", "1.10.0", str(tmp_path / "out"))
    card = (tmp_path / "out/README.md").read_text()
    # what the tag's message says
    assert "\n\n1.10.0\n\n## Files\n\n- `labels.csv`: a line for each of the 4 rows" in card
    assert "No licence is named" in card


@pytest.mark.parametrize(
    ("version", "target", "message"),
    [
        ("1.0.1", "out", "1.0.1 is no released version of photos (released: v1.0.0, v1.10.0); `labels release` makes"),
        ("main", "out", "main is no released version of photos"),
        ("1.0.0", "data", "data: holds something, and nothing is ever overwritten"),
        ("1.0.0", "s3://bucket/x", "s3://bucket/x: name a folder, whose files any tool can copy to there, or hf://"),
        ("1.0.0", "hf://datasets/a/b/c", "hf://datasets/a/b/c: is no data set's address"),
        ("1.0.0", "hf://datasets/", "hf://datasets/: is no data set's address"),
    ],
)
def test_a_mistake_is_one_line(version: str, target: str, message: str) -> None:
    if target.startswith("hf:"):
        pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    with pytest.raises(InputError) as error:
        publish("photos", version, target)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    with serve_data_hub() as hub:
        yield hub


def run(repository: Clone, hub: Any, version: str, code: int = 0, name: str = "letters") -> str:
    target = f"hf://datasets/{OWNER}/{name}"
    # read when it is imported, so in a process of its own
    env = {"HF_ENDPOINT": hub.url, "HF_TOKEN": hub.token, "HF_HUB_DISABLE_XET": "1", "PYTHONPATH": str(ROOT)}
    # each hub's own: commits have the same hash on all of them
    env["HF_HOME"] = f"{repository.folder}-{hub.url.rpartition(':')[2]}"
    command = ("env", *(f"{key}={value}" for key, value in env.items()), sys.executable, "-m", "labels", "publish")
    return repository.run(*command, "texts", version, target, code=code)


def test_a_hub_has_each_version_as_one_commit_with_its_tag(repository: Clone, hub: Any) -> None:
    assert f"version 1.0.0 is in hf://datasets/{OWNER}/letters, at the tag v1.0.0" in run(repository, hub, "1.0.0")
    assert "a version is never replaced, so nothing was uploaded" in run(repository, hub, "1.0.0")
    run(repository, hub, "1.10.0")
    letters = hub.repositories[f"{OWNER}/letters"]
    assert letters.is_private
    assert [commit.title for commit in letters.commits] == ["Version 1.0.0", "Version 1.10.0"]
    assert list(letters.tags) == ["v1.0.0", "v1.10.0"]
    first, second = (read_bytes(letters.files(tag)["data/all.csv"]) for tag in letters.tags)
    assert (first["label"].tolist(), second["label"].tolist()) == (LABELS, LABELS[1:])


def test_what_people_added_on_the_hub_stays(repository: Clone, hub: Any) -> None:
    run(repository, hub, "1.0.0")
    letters = hub.repositories[f"{OWNER}/letters"]
    first = letters.files()
    assert b"No licence is named" in first["README.md"]
    first["README.md"] = first["README.md"].replace(b"---\n", b"---\nlicense: mit\nversion: theirs\n", 1)
    first["data/own.csv"] = b"a,b\n"
    # as if the first version had had a split more
    first["data/gone.csv"] = b"id\n"
    about = json.loads(first["croissant.json"])
    first["croissant.json"] = json.dumps(
        about | {"distribution": [*about["distribution"], {"contentUrl": "data/gone.csv"}]}
    ).encode()
    run(repository, hub, "1.10.0")
    second = letters.files()
    assert set(second) == {"README.md", "croissant.json", "labels.csv", "data/all.csv", "data/own.csv"}
    head = yaml.safe_load(second["README.md"].split(b"---\n")[1])
    assert (head["license"], head["version"]) == ("mit", "1.10.0")
    assert b"No licence is named" not in second["README.md"]


def test_an_earlier_version_takes_no_later_ones_place(repository: Clone, hub: Any) -> None:
    run(repository, hub, "1.10.0")
    printed = run(repository, hub, "1.0.0", code=2)
    assert "letters: has v1.10.0, which is later than 1.0.0; publish a later version" in printed
    assert len(hub.repositories[f"{OWNER}/letters"].commits) == 1


def read_bytes(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)


def test_an_upload_that_broke_off_before_its_tag_is_finished(repository: Clone, hub: Any) -> None:
    hub.refuse = "/tag/"
    assert "the hub did not take it" in run(repository, hub, "1.0.0", code=2)
    hub.refuse = ""
    run(repository, hub, "1.0.0")
    assert list(hub.repositories[f"{OWNER}/letters"].tags) == ["v1.0.0"]


def test_who_may_not_write_is_told_in_one_line(repository: Clone, hub: Any) -> None:
    hub.refuse = "/commit/"
    printed = run(repository, hub, "1.0.0", code=2)
    assert printed.count("labels: error: ") == 1
    assert "the hub did not take it (403 Forbidden" in printed
    assert "Traceback" not in printed
