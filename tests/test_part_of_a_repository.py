"""The product as a part of a larger git repository, with DVC's root beside it or above it."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Clone


@pytest.fixture(scope="module", params=["dvc beside", "dvc above"])
def part(
    request: pytest.FixtureRequest, shared_clone: Clone, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clone]:
    """The folder ``ml`` of a repository, whose first commit has the cleaned digits."""
    top = tmp_path_factory.mktemp("larger")
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Tester")
            patch.setenv(f"GIT_{role}_EMAIL", "tester@example.org")
        part = shared_clone.copy_to(top / "ml")
        shutil.rmtree(part.path(".git"))
        if request.param == "dvc above":
            part.path(".dvc").rename(top / ".dvc")
        outer = Clone(top)
        outer.run("git", "init", "--quiet", "--initial-branch=main")
        outer.path("README").write_text("Others' work\n")
        part.run("dvc", "remote", "add", "--default", "store", str(top.parent / f"{top.name}-store"))
        part.run("dvc", "remote", "modify", "store", "verify", "true")
        outer.commit("Clean the digits")
        part.run("dvc", "push")
        yield part


def test_the_gate_compares_with_what_was(part: Clone) -> None:
    printed = part.labels("gate", "digits", "--base", "HEAD")
    assert "OK: 0 rows changed" in printed
    labels = part.path("data/digits/cleaned/labels.csv")
    text = labels.read_text()
    labels.unlink()
    labels.write_text(text.replace("\n5,5,5,", "\n5,5,6,"))
    try:
        assert "1 label changed without a person's decision" in part.labels("gate", "digits", "--base", "HEAD", code=1)
    finally:
        labels.write_text(text)


def test_a_decision_makes_no_dvc_folder_of_its_own(part: Clone) -> None:
    before = {path.name for path in part.folder.iterdir()}
    script = (
        "from pathlib import Path\n"
        "from review.appending import append\n"
        "from stages.artifacts.decisions import Decision\n"
        "append(Path('data/digits/decisions.csv'), [Decision('5', '5', 'keep', '', 'ann', '2026-01-01')])\n"
    )
    decisions = part.path("data/digits/decisions.csv")
    text = decisions.read_text()
    part.run(sys.executable, "-c", script)
    assert decisions.read_text() != text
    decisions.write_text(text)
    assert {path.name for path in part.folder.iterdir()} == before


def test_a_version_is_released_compared_and_taken(part: Clone, tmp_path: Path) -> None:
    Clone(part.folder.parent).path("README").write_text("Others are in the middle of something\n")
    note = part.labels("release", "digits", "1.0.0")
    assert "git push origin ml=digits-labels@v1.0.0" in note
    part.run("git", "checkout", "--", "..")
    assert "0 rows changed" in part.labels("diff", "digits", "v1.0.0")
    url, name = str(part.folder.parent), "ml:digits-labels"
    if part.path(".dvc").exists():
        part.run("dvc", "get", str(part.folder.parent), "ml/data/digits/cleaned", "--rev", "ml=digits-labels@v1.0.0",
                 "--out", str(tmp_path / "got"))  # fmt: skip
        assert (tmp_path / "got" / "labels.csv").exists()
    part.run("dvc", "artifacts", "get", url, name, "--rev", "v1.0.0", "--out", str(tmp_path / "taken"))
    assert (tmp_path / "taken" / "labels.csv").exists()


def test_a_pipeline_that_dvc_does_not_find_is_not_new(part: Clone) -> None:
    lock = part.path("dvc.yaml")
    text = lock.read_text()
    lock.write_text("stages: {}\n")
    part.run("git", "commit", "--quiet", "--all", "--message", "Lose the pipeline")
    lock.write_text(text)
    part.run("git", "commit", "--quiet", "--all", "--message", "Find it again")
    printed = part.labels("gate", "digits", "--base", "HEAD~1", code=2)
    assert "data/digits/cleaned at HEAD~1: params.yaml lists digits there, but DVC does not know this folder" in printed


@pytest.mark.parametrize("content", ["", "stages: [", "{}\n", "schema: '2.0'\nstages: 7\n"])
def test_a_damaged_lock_is_named_with_its_revision(clone: Clone, content: str) -> None:
    lock = clone.path("dvc.lock")
    text = lock.read_text()
    lock.write_text(content)
    clone.commit("Damage the lock")
    lock.write_text(text)
    clone.commit("Mend it")
    printed = clone.labels("diff", "digits", "HEAD~1", "HEAD", code=2)
    assert "HEAD~1" in printed
    assert "Traceback" not in printed
    assert len(printed.strip().splitlines()) == 1


def test_a_base_that_was_not_fetched_says_how(clone: Clone) -> None:
    clone.run("git", "branch", "--move", "main", "topic")
    for arguments in ((), ("--base", "origin/develop")):
        branch = "develop" if arguments else "main"
        printed = clone.labels("gate", "digits", *arguments, code=2)
        assert f"git fetch origin {branch}:refs/remotes/origin/{branch}" in printed


def test_a_clone_without_tags_does_not_release_a_version_twice(released_copy: Clone, tmp_path: Path) -> None:
    clone = released_copy
    clone.run("git", "clone", "--quiet", "--bare", str(clone.folder), str(tmp_path / "shared.git"))
    clone.run("git", "remote", "add", "origin", str(tmp_path / "shared.git"))
    for tag in clone.run("git", "tag").split():
        clone.run("git", "tag", "--delete", tag)
    printed = clone.labels("release", "digits", "1.0.0", code=2)
    assert "1.0.0 is not above 1.1.0, which others have released; bring the tags with `git fetch --tags`" in printed
    assert not clone.run("git", "tag").split()
    clone.run("git", "remote", "set-url", "origin", os.devnull)
    assert "whether others released a later version cannot be known" in clone.labels("release", "digits", "1.2.0")
