"""`labels.load`: every kind of data, from the working tree, a version and a server; what it says when it cannot."""

import gc
import hashlib
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from labels import LoadError, load
from labels.loading import files, reading
from labels.loading.places import Scratch, find_tags, name_tag
from stages.artifacts import annotations, cleaned, originals
from tests.cleaned_data import IMAGES, LABELS, SIZES, SPLITS, TABLE, TEXTS, make_repository, write_cleaned
from tests.conftest import ROOT, Clone
from tests.pages import find_block

KINDS = ["pictures", "photos", "rows", "texts"]
LARGE = ["cleanlab", "dvc", "matplotlib", "pandas", "PIL", "pydantic", "scipy", "sklearn", "skorch", "stages", "torch"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A repository with two versions of four data sets, for tests that only read."""
    return make_repository(tmp_path_factory.mktemp("load") / "labels")


@pytest.fixture(scope="module")
def server(repository: Clone) -> str:
    """The address of a bare copy of it, as on a server."""
    repository.run("git", "clone", "--quiet", "--bare", ".", "../labels.git")
    return repository.folder.with_name("labels.git").as_uri()


@pytest.fixture
def copy(repository: Clone, tmp_path: Path) -> Clone:
    """A copy for one test alone; the remote is shared."""
    return repository.copy_to(tmp_path / "labels")


@pytest.fixture
def remote_away(repository: Clone) -> Iterator[None]:
    store = repository.folder.with_name("store")
    hidden = store.rename(store.with_suffix(".away"))
    yield
    hidden.rename(store)


def test_arrays_of_pictures(repository: Clone) -> None:
    data = load("pictures", "v1.0.0", repo=repository.folder)
    assert (data.name, data.version, data.kind, data.n_removed) == ("pictures", "v1.0.0", "picture", 0)
    assert data.classes == ["dog", "cat"]
    assert data.ids.tolist() == list("01234")
    assert data.labels.tolist() == LABELS
    assert data.split is not None
    assert data.split.tolist() == SPLITS
    assert data.certificate is None
    X, y = data.to_numpy()
    assert X.dtype == np.uint8
    np.testing.assert_array_equal(X, IMAGES)
    assert y.tolist() == [1, 0, 1, 0, 1]
    assert repr(data) == "<pictures, v1.0.0: 5 pictures (train 3, test 2), 2 classes; 0 removed>"
    assert data.to_frame().columns.tolist() == [
        "id", "given_label", "label", "status", "by", "decided_by", "split",
    ]  # fmt: skip


def test_a_part(repository: Clone) -> None:
    data = load("pictures", repo=repository.folder)
    train = data.part("train")
    assert (len(data), data.n_removed, len(train), train.ids.tolist()) == (4, 1, 2, ["1", "2"])
    np.testing.assert_array_equal(train.features, IMAGES[1:3])
    with pytest.raises(LoadError, match=r"^pictures has no split 'valid'; there are: train, test$"):
        data.part("valid")
    with pytest.raises(LoadError, match=r"^texts has no split 'test'; there are: none$"):
        load("texts", repo=repository.folder).part("test")


def test_a_table(repository: Clone) -> None:
    data = load("rows", "1.0.0", repo=repository.folder)
    assert data.kind == "table"
    kinds = {name: column.dtype.kind for name, column in data.features.items()}
    assert kinds == {"age": "f", "share": "f", "postcode": "O", "account": "O", "city": "O", "label": "O"}
    assert data.features["share"].tolist() == [0.5, 0.001, -0.25, 0, 2]
    assert data.features["age"].isna().tolist() == [False, True, False, False, False]
    assert data.features["city"].tolist()[2:] == ["NA", "Leipzig", "nan"]
    assert data.features["city"].isna().sum() == 1
    assert data.features["postcode"][0] == "01067"
    frame = data.to_frame()
    assert frame["label"].tolist() == LABELS
    assert frame["label (column)"].tolist() == TABLE["label"].tolist()
    wrong = r"^rows: not all columns are numbers \(postcode, account, city, label\); encode `features` yourself, as "
    for convert in (data.to_numpy, data.to_torch):
        with pytest.raises(LoadError, match=wrong):
            convert()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1", "2", ""], True), (["1.5", "-2e3", "+.5"], True), (["0", "0.0", "5."], True), (["7", "007"], False),
        (["1,5"], False), (["1_000"], False), (["nan"], False), (["inf"], False), (["0x10"], False), (["1e999"], False),
        (["9" * 16], False), (["٣"], False), (["1", "yes"], False), (["2026-01-01"], False), (["1 "], False),
    ],
)  # fmt: skip
def test_which_columns_are_numbers(cells: list[str], numbers: bool) -> None:
    column = reading.read_column(pd.Series(cells))
    assert pd.api.types.is_numeric_dtype(column) == numbers
    if not numbers:
        assert column.tolist() == cells


def test_a_column_without_cells_is_no_number() -> None:
    assert reading.read_column(pd.Series(["", ""])).isna().all()


def test_texts_stay_as_they_are(repository: Clone) -> None:
    data = load("texts", "v1.0.0", repo=repository.folder)
    assert (data.kind, data.features.tolist()) == ("text", TEXTS)
    assert data.to_frame()["text"].tolist() == TEXTS
    assert data.to_torch()[2] == (TEXTS[2], 1)


@pytest.mark.parametrize("version", [None, "v1.0.0"])
def test_pictures_in_files(repository: Clone, version: str | None) -> None:
    data = load("photos", version, repo=repository.folder)
    first = data.n_removed
    assert [data.features.open(row).size for row in range(len(data))] == SIZES[first:]
    assert data.features[0].startswith(b"\x89PNG")
    assert data.features[-2:].ids == ["3.png", "4.png"]
    with pytest.raises(LoadError, match=r"^photos: pictures in files are of many sizes, so no array holds them; use "):
        data.to_numpy()
    image, target = data.to_torch()[0]
    assert (image.shape, target) == ((3, SIZES[first][1], SIZES[first][0]), data.targets[0])
    assert image[1].unique().item() == pytest.approx(100 / 255)
    assert data.to_torch(lambda picture: picture.size)[0][0] == SIZES[first]
    # as a worker of a DataLoader has it
    assert pickle.loads(pickle.dumps(data.features))[0] == data.features[0]


def test_what_was_brought_goes_with_its_last_user(repository: Clone) -> None:
    data = load("photos", "v1.0.0", repo=repository.folder)
    folder, photos = data.features.archive.parent, data.features
    del data
    gc.collect()
    assert folder.exists()
    del photos
    # DVC keeps what it caught, and with it whoever called, until then
    gc.collect()
    assert not folder.exists()


def test_a_process_that_was_forked_removes_nothing() -> None:
    scratch = Scratch()
    child = os.fork()
    if not child:
        del scratch
        os._exit(0)
    os.waitpid(child, 0)
    assert scratch.folder.exists()


def test_torch_takes_tensors(repository: Clone) -> None:
    import torch

    image, target = load("pictures", "v1.0.0", repo=repository.folder).to_torch()[1]
    assert (image.dtype, target) == (torch.float32, 0)
    np.testing.assert_allclose(image.numpy(), IMAGES[1] / np.float32(255))


def test_a_server_as_the_working_tree(repository: Clone, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    for name in KINDS:
        here, there = load(name, repo=repository.folder), load(name, repo=server)
        assert there.version == "the last commit"
        pd.testing.assert_frame_equal(here.to_frame(), there.to_frame())
    # without its address, as a path
    assert len(load("pictures", "v1.0.0", repo=repository.folder.with_name("labels.git"))) == 5
    assert load("pictures", "main", repo=server).n_removed == 1
    assert load("pictures", "main~1", repo=server).n_removed == 0


def test_a_version_released_since_the_first_load_is_found(copy: Clone, tmp_path: Path) -> None:
    copy.run("git", "clone", "--quiet", "--bare", ".", "../hub.git")
    address = (tmp_path / "hub.git").as_uri()
    assert load("texts", repo=address).n_removed == 1
    copy.run("git", "commit", "--quiet", "--allow-empty", "--message", "Again")
    copy.run("git", "tag", "--annotate", "--message", "later", "texts-labels@v2.0.0")
    copy.run("git", "push", "--quiet", "../hub.git", "main", "texts-labels@v2.0.0")
    assert load("texts", "v2.0.0", repo=address).n_removed == 1


def test_from_a_folder_below(repository: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.path("data/rows"))
    assert len(load("rows")) == 4
    assert len(load("rows", "v1.0.0")) == 5


def test_a_part_of_a_larger_repository(repository: Clone, tmp_path: Path) -> None:
    whole = Clone(tmp_path / "whole")
    part = repository.copy_to(tmp_path / "whole/team/ml")
    part.run("rm", "-rf", ".git")
    whole.run("git", "init", "--quiet", "--initial-branch=main")
    whole.commit("Take a team in")
    whole.run("git", "tag", "--annotate", "--message", "v2", "team/ml=rows-labels@v2.0.0")
    part.run("git", "clone", "--quiet", "--bare", str(whole.folder), str(tmp_path / "whole.git"))
    for address in (part.folder, (tmp_path / "whole.git").as_uri()):
        assert [load("rows", version, repo=address).n_removed for version in (None, "v2.0.0", "main")] == [1, 1, 1]


def test_tags_of_versions() -> None:
    tags = [
        "a-labels@v1.0.0", "a-labels@v1.10.0", "a-labels@v1.9.0", "b-labels@v2.0.0", "ml=a-labels@v3.0.0",
        "x-a-labels@v4.0.0", "a-labels@vnext", "a.labels@v5.0.0", "a-labels@v1.9.1-rc.1",
    ]  # fmt: skip
    assert list(find_tags("a", tags, "")) == ["1.0.0", "1.9.0", "1.9.1-rc.1", "1.10.0"]
    assert find_tags("a", tags, "ml") == {"3.0.0": "ml=a-labels@v3.0.0"}
    assert list(find_tags("a", tags, None)) == ["1.0.0", "1.9.0", "1.9.1-rc.1", "1.10.0", "3.0.0"]
    assert name_tag("a", "3.0.0", "ml") == tags[4]


MISTAKES = {
    ("nothing", None): "'nothing': no such data set in the working tree; there are: photos, pictures, rows, texts",
    ("nothing", "v1.0.0"): "'nothing': no such data set in the last commit; there are: photos, pictures, rows, texts",
    ("nothing", "main"): "'nothing': no such data set in main; there are: photos, pictures, rows, texts",
    ("../rows", None): "'../rows': no such data set in the working tree; there are: photos, pictures, rows, texts",
    ("rows", "v7.0.0"): "'v7.0.0' is neither a released version of rows nor a git revision (released: v1.0.0, v1.10.0)",
    ("rows", ""): "'' is neither a released version of rows nor a git revision (released: v1.0.0, v1.10.0)",
}


@pytest.mark.parametrize("name_and_version", MISTAKES)
def test_a_mistake_is_one_line(repository: Clone, name_and_version: tuple[str, str | None]) -> None:
    name, version = name_and_version
    assert fail(name, version, repository.folder).startswith(MISTAKES[name_and_version])


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = f"{tmp_path}: neither a repository nor in one; name its path or address with repo="
    assert fail("rows") == said
    assert fail("rows", "v1.0.0") == said
    for address in ("/nowhere", (tmp_path / "gone.git").as_uri()):
        assert re.fullmatch(
            rf"{address}: cannot be opened \(.+\); correct the path or address, or see that you may clone it",
            fail("rows", None, address),
        )


def test_a_server_whose_head_names_no_commit(repository: Clone, tmp_path: Path) -> None:
    # as `git init --bare` leaves it where it calls the first branch otherwise
    repository.run("git", "init", "--quiet", "--bare", "--initial-branch=master", str(tmp_path / "hub.git"))
    repository.run("git", "push", "--quiet", str(tmp_path / "hub.git"), "main", "rows-labels@v1.0.0")
    for address in (tmp_path / "hub.git", (tmp_path / "hub.git").as_uri()):
        assert [load("rows", version, repo=address).n_removed for version in ("v1.0.0", "main")] == [0, 1]
        assert fail("rows", None, address) == (
            f"{(tmp_path / 'hub.git').as_uri()}: its HEAD names a branch that has no commit; name a version (released: "
            "v1.0.0), or run `git symbolic-ref HEAD refs/heads/main` in that repository"
        )
        said = "'v7.0.0' is neither a released version of rows nor a git revision (released: v1.0.0)"
        assert fail("rows", "v7.0.0", address).startswith(said)


def test_a_clone_of_such_a_server(repository: Clone, tmp_path: Path) -> None:
    repository.run("git", "init", "--quiet", "--bare", "--initial-branch=master", str(tmp_path / "hub.git"))
    repository.run("git", "push", "--quiet", str(tmp_path / "hub.git"), "main", "rows-labels@v1.0.0")
    repository.run("git", "clone", "--quiet", str(tmp_path / "hub.git"), str(tmp_path / "clone"))
    # what a clone calls origin/main is no branch of its own
    assert load("rows", "v1.0.0", repo=tmp_path / "clone").n_removed == 0
    said = "its HEAD names a branch that has no commit; name a version (released: v1.0.0)"
    assert fail("rows", None, tmp_path / "clone") == f"{(tmp_path / 'clone').as_uri()}: {said}"


@pytest.mark.parametrize("kind", ["--bare", "--quiet"])
def test_a_repository_without_a_commit(tmp_path: Path, kind: str) -> None:
    subprocess.run(["git", "init", "--quiet", kind, str(tmp_path / "new")], check=True)
    for version in (None, "v1.0.0"):
        said = f"{(tmp_path / 'new').as_uri()}: holds no commit yet; `git push` one there, with the tags"
        assert fail("rows", version, tmp_path / "new") == said


def test_a_head_that_names_a_commit(repository: Clone, tmp_path: Path) -> None:
    repository.run("git", "clone", "--quiet", "--bare", ".", str(tmp_path / "hub.git"))
    repository.run("git", "--git-dir", str(tmp_path / "hub.git"), "update-ref", "--no-deref", "HEAD", "main~1")
    address = (tmp_path / "hub.git").as_uri()
    assert [load("rows", version, repo=address).n_removed for version in (None, "v1.10.0")] == [0, 1]
    assert load("rows", repo=address).version == "the last commit"


def test_data_that_is_not_pulled(repository: Clone, tmp_path: Path) -> None:
    repository.run("git", "clone", "--quiet", ".", str(tmp_path / "fresh"))
    fresh = Clone(tmp_path / "fresh")
    path = fresh.path("data/photos/cleaned/labels.csv")
    assert fail("photos", None, fresh.folder).startswith(f"{path}: not found; `dvc pull data/photos/cleaned` brings ")
    fresh.run("dvc", "pull", "--quiet", "data/photos/cleaned")
    archive = fresh.path("data/photos/raw/pictures.zip")
    assert fail("photos", None, fresh.folder).startswith(f"{archive}: not found; `dvc pull data/photos/raw` brings ")
    # from the remote, without a pull
    assert len(load("rows", "v1.0.0", repo=fresh.folder)) == 5


@pytest.mark.usefixtures("remote_away")
def test_no_access_to_the_remote(repository: Clone, server: str, tmp_path: Path) -> None:
    repository.run("git", "clone", "--quiet", ".", str(tmp_path / "fresh"))
    for address in (server, tmp_path / "fresh"):
        assert re.fullmatch(
            r"data/rows/cleaned/SHA256SUMS at v1\.0\.0: neither in DVC's cache nor on a remote within reach \(.+\); "
            "see that the remote answers and lets you in, or ask for a `dvc push`",
            fail("rows", "v1.0.0", address),
        )


def test_a_commit_that_does_not_make_it(copy: Clone) -> None:
    copy.run("git", "rm", "--quiet", "data/rows/cleaned.dvc")
    copy.commit("Without the table")
    said = "data/rows/cleaned/labels.csv: the pipeline at HEAD does not make it; name a version whose params.yaml lists"
    assert fail("rows", "HEAD", copy.folder).startswith(said)


@pytest.mark.parametrize(
    ("name", "path"), [("rows", "cleaned/rows.csv"), ("texts", "cleaned/labels.csv"), ("photos", "raw/pictures.zip")]
)
def test_what_is_not_whole_is_not_given(copy: Clone, name: str, path: str) -> None:
    file = copy.path(f"data/{name}/{path}")
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content.replace(b"1", b"2", 1))
    said = f"data/{name}/{path} in the working tree: is not whole, or was changed: its SHA-256 is not "
    assert fail(name, None, copy.folder).startswith(said)


def test_a_certificate_is_of_these_labels(copy: Clone) -> None:
    path = copy.path("data/rows/certificate/certificate.json")
    labels = hashlib.sha256(copy.path("data/rows/cleaned/labels.csv").read_bytes()).hexdigest()
    path.write_text(f'{{"state": "reached", "sentence": "few", "label_version": "{labels}"}}')
    certificate = load("rows", repo=copy.folder).certificate
    assert certificate
    assert certificate["sentence"] == "few"
    write_cleaned(copy, "rows", removed=(1,))
    assert load("rows", repo=copy.folder).certificate is None
    path.write_text("{")
    assert fail("rows", None, copy.folder).startswith("data/rows/certificate/certificate.json: damaged (")


def test_it_knows_what_the_stages_write() -> None:
    assert reading.FILES == cleaned.PICTURES
    assert reading.DISTRIBUTION == annotations.DISTRIBUTION
    assert files.FORMATS == originals.FORMATS


def test_import_costs_nothing() -> None:
    code = f"import sys, labels; print([name for name in {LARGE} if name in sys.modules])"
    assert run_alone(code, ROOT) == "[]"


def test_loading_imports_and_sets_nothing_for_others(repository: Clone) -> None:
    code = f"""
import os, sys
before = dict(os.environ)
from labels import load
for name in {KINDS}:
    load(name, "v1.0.0", repo={str(repository.folder)!r}).to_frame()
large = sorted(set({LARGE}) - {{"dvc", "pandas", "pydantic"}})
print([name for name in large if name in sys.modules], dict(os.environ) == before)
"""
    assert run_alone(code, ROOT) == "[] True"


def test_what_is_installed_works_by_itself(repository: Clone, tmp_path: Path) -> None:
    setuptools = pytest.importorskip("setuptools")
    if int(setuptools.__version__.partition(".")[0]) < 77:
        pytest.skip("setuptools is older than what builds the package")
    for name in ("pyproject.toml", "labels"):
        subprocess.run(["cp", "-r", ROOT / name, tmp_path], check=True)
    build = "from setuptools import setup; setup()"
    subprocess.run([sys.executable, "-c", build, "-q", "build", "--build-base", "b"], cwd=tmp_path, check=True)
    code = f"from labels import load; print(load('rows', 'v1.0.0', repo={str(repository.folder)!r}))"
    (tmp_path / "labels").rename(tmp_path / "not_here")
    assert run_alone(code, tmp_path / "b/lib") == "<rows, v1.0.0: 5 rows of a table, 2 classes; 0 removed>"


def run_alone(code: str, folder: Path) -> str:
    """Run code in a process of its own that sees the packages in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd="/", env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert not done.returncode, done.stderr
    return done.stdout.strip()


def fail(name: str, version: str | None = None, repo: str | Path | None = None) -> str:
    """Return the one line with which a load fails."""
    with pytest.raises(LoadError) as caught:
        load(name, version, repo=repo)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("head", ["from sklearn.linear_model", "import torch"])
def test_the_pages_examples_train(released: Clone, head: str) -> None:
    assert float(run_block(released, head)) > 0.85


def test_the_pages_other_lines_run(released: Clone, repository: Clone) -> None:
    assert run_block(released, "from labels import load", "\nprint(len(data))") == "1796"
    assert run_block(released, "from labels import LoadError").startswith("'v9.0.0' is neither a released version")
    start = f"from labels import load\ndata = load('rows', repo={str(repository.folder)!r})\n"
    encode = start + find_block("docs/load.md", "from sklearn.compose")
    assert run_alone(f"{encode}\nprint(model.predict(data.features).shape)", ROOT) == "(4,)"


def run_block(released: Clone, head: str, more: str = "") -> str:
    code = find_block("docs/load.md", head).replace("https://example.org/labels.git", str(released.folder))
    return released.run("python", "-c", code + more).splitlines()[-1]
