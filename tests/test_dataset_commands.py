"""`list`, `show`, `rename`, `remove` and `add --run` of `python -m dataset`."""

import builtins
import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from dataset import running
from dataset.__main__ import main
from dataset.running import tell
from stages.command.environment import make_environment
from tests.conftest import ROOT, Clone
from tests.noted import DEAD, note_work

Run = Callable[..., tuple[int, str, str]]
HEAD = "id,given_label,decision,label,reviewer,decided_at,comment,seconds,predicted_label,label_quality\n"
FILES = ("params.yaml", "dvc.yaml")


@pytest.fixture
def run(workplace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process, beside a data set that has come to its report."""
    shutil.copy(ROOT / "dvc.yaml", workplace)
    for name in ("data/digits/raw/labels.csv", "reports/digits/index.html", "data/digits/source.json"):
        (workplace / name).parent.mkdir(parents=True, exist_ok=True)
        (workplace / name).write_text("null")
    (workplace / "data/digits/decisions.csv").write_text(HEAD)
    (workplace / "data/local.yaml").write_text("local:\n- digits\n- pets\n")
    (workplace / "reports/digits/metrics.json").write_text(json.dumps({"rows": 1797, "classes": 10, "flagged": 18}))

    def run_command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dataset", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        return int(str(caught.value.code)), *capsys.readouterr()

    return run_command


def decide(folder: Path) -> Path:
    path = folder / "data/digits/decisions.csv"
    path.write_text(f"{HEAD}5,5,keep,,ann,2026-11-24T10:00:00Z,,,,\n")
    return path


def read_params(folder: Path) -> dict[str, object]:
    params: dict[str, object] = yaml.safe_load((folder / "params.yaml").read_text())
    return params


def test_the_list_names_each_data_set_and_how_far_it_is(run: Run, workplace: Path) -> None:
    decide(workplace)
    code, out, _ = run("list")
    lines = [line.split("  ") for line in out.splitlines()]
    assert code == 0
    assert [cell.strip() for cell in lines[1] if cell] == ["digits", "yes", "1,797", "10", "18", "1", "sklearn:digits"]
    assert [line[0] for line in lines[2:]] == ["mnist", "mnist_careful", "mnist_tutorial", "breast_cancer", "banking77"]


def test_who_is_not_sure_has_not_decided(run: Run, workplace: Path) -> None:
    with decide(workplace).open("a") as file:
        file.write("6,6,unsure,,ann,2026-11-24T10:01:00Z,,,,\n6,6,keep,,bob,2026-11-24T10:02:00Z,,,,\n")
        file.write("7,7,unsure,,ann,2026-11-24T10:03:00Z,,,,\n")
        file.write("8,8,keep,,ann,2026-11-24T10:04:00Z,,,,\n8,8,remove,,bob,2026-11-24T10:05:00Z,,,,\n")
    assert "  2, 1 not sure, 1 in conflict  " in run("list")[1]
    assert "decided: 2, 1 not sure, 1 in conflict (data/digits/decisions.csv)" in run("show", "digits")[1]


def test_a_data_set_is_shown_as_it_is_written(run: Run) -> None:
    code, out, _ = run("show", "banking77")
    written = (ROOT / "params.yaml").read_text()
    assert code == 0
    assert out.partition("\n\n")[0] in written
    assert out.startswith("banking77:\n  fetch:\n    sources:\n")
    assert "report: none yet; `dvc repro report@banking77` makes it" in out


@pytest.mark.parametrize("command", [["show"], ["check"], ["remove", "--yes"], ["rename"]])
def test_a_name_that_is_not_there_is_told_with_those_that_are(run: Run, command: list[str]) -> None:
    code, _, err = run(*command, "digit", *(["pets"] if command == ["rename"] else []))
    assert (code, err.count("\n")) == (2, 1)
    assert "no block for the data set 'digit' (did you mean 'digits'?); there are: digits, mnist" in err


def test_what_is_removed_leaves_what_people_decided(run: Run, workplace: Path) -> None:
    decisions = decide(workplace)
    code, out, _ = run("remove", "digits", "--yes")
    assert code == 0
    assert "data/digits/decisions.csv stay, as people's decisions (1) are there" in out
    assert [path.name for path in (workplace / "data/digits").iterdir()] == ["decisions.csv"]
    assert decisions.read_text().startswith(HEAD)
    assert not (workplace / "reports/digits").exists()
    params = read_params(workplace)
    assert (params["datasets"], params["audited"], "digits" in params) == ([], [], False)
    assert "digits-labels" not in (workplace / "dvc.yaml").read_text()
    assert yaml.safe_load((workplace / "data/local.yaml").read_text()) == {"local": ["pets"]}


def test_without_decisions_nothing_is_left(run: Run, workplace: Path) -> None:
    assert run("remove", "digits", "--yes")[0] == 0
    assert not (workplace / "data/digits").exists()


def test_nothing_is_removed_that_nobody_wants_removed(
    run: Run, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in workplace.rglob("*") if path.is_file()}
    code, _, err = run("remove", "digits")
    assert (code, err.count("\n")) == (2, 1)
    assert "0 decisions stay; say --yes" in err
    monkeypatch.setattr("dataset.remove.is_terminal", lambda: True)
    monkeypatch.setattr(builtins, "input", lambda _: "")
    assert run("remove", "digits")[1] == "nothing is changed\n"
    assert {path: path.read_bytes() for path in workplace.rglob("*") if path.is_file()} == before


def test_a_data_set_is_renamed_with_all_that_is_there_of_it(run: Run, workplace: Path) -> None:
    decide(workplace)
    block = read_params(workplace)["digits"]
    code, out, _ = run("rename", "digits", "numbers")
    assert code == 0
    assert "moved: data/digits to data/numbers" in out
    params = read_params(workplace)
    assert (params["datasets"], params["numbers"], "digits" in params) == (["numbers"], block, False)
    assert (workplace / "data/numbers/decisions.csv").read_text().count("\n") == 2
    assert (workplace / "reports/numbers/metrics.json").exists()
    assert yaml.safe_load((workplace / "dvc.yaml").read_text())["artifacts"]["numbers-labels"] == {
        "path": "data/numbers/cleaned",
        "type": "dataset",
    }
    assert yaml.safe_load((workplace / "data/local.yaml").read_text()) == {"local": ["numbers", "pets"]}
    assert run("rename", "numbers", "digits")[0] == 0
    assert all((workplace / name).read_bytes() == (ROOT / name).read_bytes() for name in FILES)


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("mnist", "'mnist' is taken"),
        ("a b", "'a b' cannot name a data set"),
        ("there", "data/there: is there already; move it away"),
    ],
)
def test_a_new_name_must_be_free(run: Run, workplace: Path, new: str, message: str) -> None:
    (workplace / "data/there").mkdir()
    code, _, err = run("rename", "digits", new)
    assert (code, err.count("\n")) == (2, 1)
    assert message in err
    assert (workplace / "data/digits/decisions.csv").exists()


@pytest.mark.parametrize("command", [["remove", "digits", "--yes"], ["rename", "digits", "pets"]])
def test_a_data_set_that_is_worked_on_is_left_alone(run: Run, workplace: Path, command: list[str]) -> None:
    (workplace / ".dvc/tmp").mkdir(parents=True)
    note_work(workplace, f"{workplace}/data/digits/raw", os.getpid())
    code, _, err = run(*command)
    assert (code, err.count("\n")) == (2, 1)
    assert f"works on 'digits' (process {os.getpid()}: dvc repro -f); wait until it is done, or stop it" in err
    note_work(workplace, f"{workplace}/data/digits/raw", DEAD)
    assert run(*command)[0] == 0


def test_a_run_says_what_comes_next(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(running, "count_stages", lambda _: 13)
    for code, said in ((255, "`dvc repro report@pets` goes on from there"), (0, "`python -m labels diff pets HEAD`")):
        monkeypatch.setattr(running, "repro", lambda *_, code=code: code)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
        assert running.run("pets") == code
        first, *_, last = capsys.readouterr().out.splitlines()
        assert first == (
            "run: pets: 13 stages; meanwhile, in another terminal, another data set: "
            "`dvc --wait-for-lock repro report@OTHER`"
        )
        assert last.startswith("next: ")
        assert said in last


def test_no_result_is_told_after_an_error() -> None:
    printed = ["Running stage 'preprocess@pets':\n", "preprocess: pets: 60 rows\n", "ERROR: Unable to acquire lock.\n"]
    assert [line for line, _ in running.tell(printed, "pets", 13, lambda: 0.0)] == [
        "[1/13] preprocess …", "ERROR: Unable to acquire lock.",
    ]  # fmt: skip


def test_each_stage_is_told_in_one_line() -> None:
    printed = [
        "Running stage 'check@pets':\n", "> python -m stages.check\n", "check: pets: 'a': more\n",
        "check: pets: sections set: fetch\n",
        "Stage 'fetch@pets' didn't change, skipping\n",
        "Running stage 'crossval_predict@pets':\n", "fold 1 of 5, epoch 2 of 6: loss 0.5, accuracy 0.9, 40 s left\n",
        "crossval_predict: pets: out-of-sample accuracy 0.9\n",
        "Running stage 'find_issues@pets':\n", "find_issues: pets: error: params.yaml: find_issues: no\n",
        "ERROR: failed to reproduce 'find_issues@pets'\n", "To track the changes with git, run:\n",
    ]  # fmt: skip
    clock = itertools.count()
    assert list(tell(printed, "pets", 4, lambda: float(next(clock)))) == [
        ("[1/4] check …", "begun"),
        ("[1/4] check: sections set: fetch (2 s)", "done"),
        ("[2/4] fetch: as it was", "done"),
        ("[3/4] crossval_predict …", "begun"),
        ("[3/4] crossval_predict: fold 1 of 5, epoch 2 of 6: loss 0.5, accuracy 0.9, 40 s left", "goes on"),
        ("[3/4] crossval_predict: out-of-sample accuracy 0.9 (1 s)", "done"),
        ("[4/4] find_issues …", "begun"),
        ("find_issues: pets: error: params.yaml: find_issues: no", "done"),
        ("ERROR: failed to reproduce 'find_issues@pets'", "done"),
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["/usr/bin/python: No module named stages\n", "\n"], ["/usr/bin/python: No module named stages"]),
        ([], []),
        (["fetch: pets: error: a.csv: not found\n"], ["fetch: pets: error: a.csv: not found"]),
    ],
)
def test_why_a_stage_failed_is_told_whoever_says_it(said: list[str], told: list[str]) -> None:
    failed = "ERROR: failed to reproduce 'fetch@pets'"
    printed = ["Running stage 'fetch@pets':\n", "> python -m stages.fetch pets\n", *said, f"{failed}\n"]
    assert [line for line, _ in tell(printed, "pets", 1, lambda: 0.0)] == ["[1/1] fetch …", *told, failed]


def test_dvc_finds_the_python_that_runs_here() -> None:
    assert shutil.which("python", path=make_environment()["PATH"]) == f"{Path(sys.executable).parent}/python"


def test_from_a_table_to_its_report_and_out_again(clone: Clone, tmp_path: Path) -> None:
    before = [clone.path(name).read_bytes() for name in FILES]
    rows = [f"{row % 7},{row % 5},{'ab'[row % 7 > 3]}" for row in range(120)]
    (tmp_path / "a.csv").write_text("\n".join(["width,height,label", *rows]) + "\n")
    added = clone.run(sys.executable, "-m", "dataset", "add", "pets", str(tmp_path / "a.csv"), "--set",
                      "crossval_predict.model=logistic_regression")  # fmt: skip
    assert "label: 'label' (2 different)" in added
    assert "open reports/pets/index.html" in clone.repro("report@pets")
    assert "up to date" in clone.run("dvc", "status", "report@pets")
    assert "120" in clone.run(sys.executable, "-m", "dataset", "list")
    assert "check: pets: 120 rows of 3 columns" in clone.run(sys.executable, "-m", "dataset", "check")
    renamed = clone.run(sys.executable, "-m", "dataset", "rename", "pets", "cats")
    assert "moved: data/pets to data/cats" in renamed
    printed = clone.repro("report@cats")
    assert "5 of 5 folds kept from an earlier run" in printed
    assert "open reports/cats/index.html" in printed
    clone.run(sys.executable, "-m", "dataset", "remove", "cats", "--yes")
    assert [clone.path(name).read_bytes() for name in FILES] == before
    assert not clone.path("data/cats").exists()
    assert "up to date" in clone.run("dvc", "status", "report@digits")
