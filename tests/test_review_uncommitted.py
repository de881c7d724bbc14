"""Decisions that only one folder has are warned of, and come back after `dvc exp apply` has put them away."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from review.uncommitted import describe_uncommitted
from tests.commands import run_command
from tests.pages import find_block
from tests.review import HEAD, make_artifacts, serve_review


@pytest.fixture
def decisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = make_artifacts(tmp_path, ["a", "b"], 30, 5) / "data/digits/decisions.csv"
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet")
    git("add", ".")
    commit()
    return path


def git(*arguments: str) -> None:
    author = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", *author, *arguments], check=True, capture_output=True)


def commit() -> None:
    git("commit", "--quiet", "--all", "-m", "Decide")


def add(path: Path, row: str, hours: float, note: str = "") -> None:
    time = (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="milliseconds")
    with path.open("a") as file:
        file.write(f"{row},a,keep,,Ann,{time},{note}\n")


def test_decisions_older_than_a_day_that_are_not_committed_are_warned_of(decisions: Path) -> None:
    add(decisions, "row-1", 200)
    commit()
    assert describe_uncommitted(decisions) == ""
    add(decisions, "row-2", 23)
    assert describe_uncommitted(decisions) == ""
    add(decisions, "row-3", 25, '"two, or ""more"" +1"')
    said = describe_uncommitted(decisions)
    assert said.startswith(f"2 decision(s) since {datetime.now(UTC) - timedelta(hours=25):%Y-%m-%d} are not committed")
    with serve_review(decisions.parents[2], "--no-browser") as page:
        assert page.url
    commit()
    assert describe_uncommitted(decisions) == ""


def test_lines_that_were_only_moved_or_taken_out_are_no_news(decisions: Path) -> None:
    add(decisions, "row-1", 200)
    add(decisions, "row-2", 200)
    commit()
    decisions.write_text(f"{HEAD}\n")
    assert describe_uncommitted(decisions) == ""


def test_lines_without_a_time_or_with_a_broken_one_are_left_to_others(decisions: Path) -> None:
    with decisions.open("a") as file:
        file.write("row-1,a,keep,,Ann\nrow-2,a,keep,,Ann,yesterday\nrow-3,a\n")
    assert describe_uncommitted(decisions) == ""


@pytest.mark.parametrize("how", ["no repository", "no commit", "not added"])
def test_where_git_knows_nothing_nothing_is_said(decisions: Path, how: str) -> None:
    add(decisions, "row-1", 200)
    if how == "not added":
        git("rm", "--quiet", "--cached", "data/digits/decisions.csv")
        commit()
    else:
        (decisions.parents[2] / ".git").rename(decisions.parents[2] / "elsewhere")
        if how == "no commit":
            git("init", "--quiet")
    assert describe_uncommitted(decisions) == ""


PIPELINE = """\
stages:
  copy:
    cmd: cp data/digits/decisions.csv copy.csv
    deps: [data/digits/decisions.csv]
    params: [digits.crossval_predict.max_epochs]
    outs: [copy.csv]
"""


def test_what_an_experiment_put_away_comes_back_as_the_page_says(decisions: Path) -> None:
    Path("dvc.yaml").write_text(PIPELINE)
    Path(".gitignore").write_text("/copy.csv\n")
    dvc("init", "--quiet")
    dvc("repro", "--quiet")
    git("add", ".")
    commit()
    dvc("exp", "run", "--quiet", "--temp", "--name", "two", "--set-param", "digits.crossval_predict.max_epochs=2")
    add(decisions, "row-1", 2)
    written = decisions.read_text()
    dvc("exp", "apply", "--quiet", "two")
    assert decisions.read_text() == f"{HEAD}\n"
    for line in find_block("docs/reviewing-together.md", "git diff HEAD refs/exps/apply/stash").splitlines():
        subprocess.run(line, shell=True, check=True, capture_output=True)
    assert decisions.read_text() == written


def dvc(*arguments: str) -> None:
    code, printed = run_command(("dvc", *arguments), Path.cwd(), {**os.environ})
    assert code == 0, printed
