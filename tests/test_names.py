"""What params.yaml calls a data set reaches no shell before it is looked at."""

import pytest
import yaml

from tests.conftest import ROOT, Clone, copy_working_tree, make_as_shipped

NAMES = [
    "x; touch RAN #",
    "x'; touch RAN #'",
    '"; touch RAN #',
    "$(touch RAN)",
    "`touch RAN`",
    "a\ntouch RAN\n",
    "x && touch RAN",
    "-x",
    "é",
]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The repository as it ships, where nothing has run."""
    clone = Clone(tmp_path_factory.mktemp("fresh"))
    copy_working_tree(clone.folder)
    make_as_shipped(clone.folder)
    clone.run("git", "init", "--quiet")
    return clone


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_none_runs_nothing(fresh: Clone, name: str) -> None:
    params = yaml.safe_load(fresh.path("params.yaml").read_text())
    path, local = fresh.path("params.yaml"), fresh.path("data/local.yaml")
    before = path.read_text(), local.read_text()
    path.write_text(yaml.safe_dump({"datasets": [name], name: params["digits"], "audited": [], "compared": []}))
    local.write_text(yaml.safe_dump({"local": [name]}))
    try:
        for target in ([], ["--single-item", f"watch@{name}"]):
            printed = fresh.repro(*target, code=255)
            assert "cannot name a data set: use letters, digits, '-' and '_'" in printed
            assert "Traceback" not in printed
    finally:
        path.write_text(before[0])
        local.write_text(before[1])
    assert not list(fresh.folder.rglob("RAN*"))


def test_the_name_comes_from_dvc_in_any_folder(fresh: Clone) -> None:
    for folder, target in ((fresh, "check@digits"), (Clone(fresh.path("data")), "../dvc.yaml:check@digits")):
        assert "check: digits: sections set: fetch" in folder.repro("--force", target)


def test_every_stage_is_given_its_name_as_one_word() -> None:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    # those that run before anybody has looked at the name
    first = {"check", "watch"}
    assert {stage: content["do"]["cmd"] for stage, content in stages.items()} == {
        stage: f"python -m stages.{stage} " + ('"$DVC_STAGE"' if stage in first else "'${item}'") for stage in stages
    }
