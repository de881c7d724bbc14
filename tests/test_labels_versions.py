"""Released versions as others take them, and decisions taken back."""

from pathlib import Path

import dvc.api
import pandas as pd
import pytest
import yaml

from tests.conftest import ROOT, Clone

LABELS = "data/digits/cleaned/labels.csv"
DECISIONS = "data/digits/decisions.csv"


@pytest.fixture(scope="module")
def origin(released: Clone, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a bare repository, as on a server, with the released versions."""
    folder = tmp_path_factory.mktemp("origin") / "labels.git"
    released.run("git", "clone", "--quiet", "--bare", str(released.folder), str(folder))
    return f"file://{folder}"


@pytest.fixture
def user(tmp_path: Path) -> Clone:
    """An empty folder somewhere else, with git and DVC."""
    user = Clone(tmp_path / "user")
    user.folder.mkdir()
    user.run("git", "init", "--quiet")
    user.run("dvc", "init", "--quiet")
    return user


def labels_at(released: Clone, version: str) -> bytes:
    with dvc.api.open(LABELS, repo=str(released.folder), rev=f"digits-labels@v{version}", mode="rb") as file:
        return bytes(file.read())


def test_a_version_is_copied(released: Clone, origin: str, user: Clone) -> None:
    user.run("dvc", "get", origin, "data/digits/cleaned", "--rev", "digits-labels@v1.0.0", "--out", "got")
    assert user.path("got/labels.csv").read_bytes() == labels_at(released, "1.0.0")
    user.run("sh", "-c", "cd got && sha256sum --check --quiet SHA256SUMS")
    user.run("dvc", "artifacts", "get", origin, "digits-labels", "--rev", "v1.0.0", "--out", "named")
    assert user.path("named/labels.csv").read_bytes() == labels_at(released, "1.0.0")
    user.run("dvc", "artifacts", "get", origin, "digits-labels", "--out", "latest")
    assert user.path("latest/labels.csv").read_bytes() == labels_at(released, "1.1.0")


def test_a_version_is_followed(released: Clone, origin: str, user: Clone) -> None:
    user.run("dvc", "import", origin, "data/digits/cleaned", "--rev", "digits-labels@v1.0.0", "--out", "digits")
    assert "rev: digits-labels@v1.0.0" in user.path("digits.dvc").read_text()
    user.run("dvc", "update", "digits.dvc")
    assert user.path("digits/labels.csv").read_bytes() == labels_at(released, "1.0.0")
    user.run("dvc", "update", "--rev", "digits-labels@v1.1.0", "digits.dvc")
    assert user.path("digits/labels.csv").read_bytes() == labels_at(released, "1.1.0")


@pytest.mark.parametrize(("version", "counts"), [("1.0.0", (1797, 0, 0)), ("1.1.0", (1795, 1, 1))])
def test_a_version_is_read_without_a_copy(origin: str, version: str, counts: tuple[int, int, int]) -> None:
    rev = f"digits-labels@v{version}"
    with dvc.api.open(LABELS, repo=origin, rev=rev) as file:
        opened = pd.read_csv(file)
    assert tuple(int((opened["status"] == name).sum()) for name in ("kept", "relabelled", "removed")) == counts
    read = pd.read_csv(f"dvc://{LABELS}", storage_options={"url": origin, "rev": rev})
    pd.testing.assert_frame_equal(read, opened)


def test_the_last_decisions_are_taken_back_byte_for_byte(released_copy: Clone) -> None:
    clone = released_copy
    clone.run("git", "revert", "--no-edit", "HEAD")
    clone.repro()
    assert clone.path(LABELS).read_bytes() == labels_at(clone, "1.0.0")
    assert clone.run("git", "status", "--short") == ""
    assert "taken back" in clone.labels("diff", "digits")
    assert clone.labels("gate", "digits", "--base", "HEAD~1").count("OK: ") == 4


def test_earlier_decisions_are_taken_back_by_a_reversed_patch_and_not_by_a_revert(released_copy: Clone) -> None:
    clone = released_copy
    clone.decide("17,7,relabel,1,bob,2026-11-24T12:00:00Z,,,,")
    clone.commit("Decide on one more")
    header, *lines = clone.path(DECISIONS).read_text().splitlines()
    # merge=union keeps the lines, without a conflict in this file
    clone.run("git", "revert", "--no-edit", "HEAD~1", code=1)
    assert clone.path(DECISIONS).read_text().splitlines() == [header, *lines]
    clone.run("git", "revert", "--abort")
    patch = f"git diff -U0 HEAD~1^ HEAD~1 -- {DECISIONS} | git apply --reverse --unidiff-zero"
    clone.run("bash", "-c", patch)
    assert clone.path(DECISIONS).read_text().splitlines() == [header, lines[-1]]
    clone.repro("clean@digits")
    printed = clone.labels("diff", "digits", "v1.0.0")
    assert printed.splitlines()[2:] == ["17  7     1   bob", "1 row changed: 1 relabelled"]


def test_each_data_set_that_ships_is_an_artifact() -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    artifacts = yaml.safe_load((ROOT / "dvc.yaml").read_text())["artifacts"]
    blocks = [name for name, value in params.items() if isinstance(value, dict)]
    assert {name: artifact["path"] for name, artifact in artifacts.items()} == {
        f"{name}-labels": f"data/{name}/cleaned" for name in blocks
    }
