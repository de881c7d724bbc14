"""The parts of the start page: the stages, what a log says, what DVC says, and who may ask."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.start.datasets import check_listed, count_decided, find_exported, list_datasets
from review.start.freshness import is_dvc_busy, read_answer
from review.start.jobs import JOBS, to_arguments, to_text
from review.start.pack import pack
from review.start.pipeline import PIPELINE_FILE, list_following, read_stages
from review.start.progress import BUSY, clean, describe_end, find_reason, find_states, read_piece
from review.start.slot import Slot
from stages.artifacts.files import read_table, write_json
from stages.command.errors import InputError
from tests.conftest import ROOT
from tests.review import make_artifacts

REPRO = "$ dvc --wait-for-lock repro report@toy"
LOCKED = "ERROR: Unable to acquire lock. Most likely another DVC process is running or was terminated abruptly."
BLOCKED = "ERROR: failed to reproduce 'clean@toy': '/x/data/toy/cleaned' is busy, it is being blocked by:"
MISTAKE = "fetch: toy: error: no source gave the data: csv:toy.csv: not found"


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.chdir(ROOT)
    return read_stages()


def test_the_stages_come_in_the_order_in_which_they_run(stages: list[Any]) -> None:
    names = [stage.name for stage in stages]
    assert names[0] == "check"
    assert names[-1] == "report"
    for place, stage in enumerate(stages):
        assert not any(stage.follows(later) for later in stages[place + 1 :])


def test_what_reads_the_decisions_is_applied(stages: list[Any]) -> None:
    applied = list_following(stages, "split")
    assert {stage.name for stage in stages if stage.reads_decisions} <= {stage.name for stage in applied}
    assert not {"check", "fetch", "preprocess", "embed", "inspect"} & {stage.name for stage in applied}


@pytest.mark.parametrize("text", [None, "", "stages: [", "stages: 3\n", "stages: {fetch: 3}\n"])
def test_a_damaged_pipeline_is_named(workplace: Path, text: str | None) -> None:
    if text is not None:
        (workplace / PIPELINE_FILE).write_text(text)
    with pytest.raises(InputError, match=r"dvc.yaml: (damaged|not found)"):
        read_stages()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07text", "text"),
        ("10%\r 50%\r100% done", "100% done"),
        ("bell \x07", "bell \\x07"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("a\tb\r", "a    b"),
        ("\u202eright to left", "\\u202eright to left"),
    ],
)
def test_a_line_holds_no_signs_for_a_terminal(written: str, shown: str) -> None:
    assert clean(written) == shown


def test_who_is_not_sure_has_not_decided(tmp_path: Path) -> None:
    data = make_artifacts(tmp_path, ["cat", "dog"], 12, 8) / "data/digits"
    said = [
        ("row-0", "keep", "", "Ann"), ("row-1", "relabel", "dog", "Ann"), ("row-2", "unsure", "", "Ann"),
        ("row-3", "unsure", "", "Ann"), ("row-3", "remove", "", "Bob"), ("row-4", "keep", "", "Ann"),
        ("row-4", "remove", "", "Bob"), ("row-10", "keep", "", "Ann"),
    ]  # fmt: skip
    given = read_table(data / "issues.csv").set_index("id")["given_label"]
    lines = [f"{row},{given.get(row, 'cat')},{verdict},{label},{who}" for row, verdict, label, who in said]
    (data / "decisions.csv").write_text("\n".join(["id,given_label,decision,label,reviewer", *lines, ""]))
    assert count_decided(data) == {"flagged": 8, "decided": 3, "unsure": 1, "conflict": 1}


def test_a_log_is_read_in_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes("ä first\nsecond\nhal".encode())
    piece = read_piece(path, 0)
    assert piece.lines == ["ä first", "second"]
    path.write_bytes("ä first\nsecond\nhalf\n".encode())
    assert read_piece(path, piece.next).lines == ["half"]
    path.write_bytes(b"x" * 1_000_000)
    assert 0 < read_piece(path, 0).next < 1_000_000
    assert read_piece(tmp_path / "none", 7).next == 0


def test_states_of_the_stages() -> None:
    lines = [
        REPRO, "Stage 'check@toy' didn't change, skipping", "Running stage 'fetch@toy':", "fetch: toy: 120 rows",
        "Stage 'embed@toy' is cached - skipping run, checking out outputs", "Running stage 'clean@toy':",
    ]  # fmt: skip
    names = ["check", "fetch", "embed", "clean", "report"]
    states = {each["name"]: each["state"] for each in find_states(lines, names, is_running=True)}
    assert states == {"check": "same", "fetch": "done", "embed": "same", "clean": "running", "report": "waiting"}
    failed = find_states([*lines, "ERROR: failed to reproduce 'clean@toy': failed"], names, is_running=False)
    assert failed[3] == {"name": "clean", "state": "failed"}
    over = find_states([*lines, "$ python -m labels diff toy HEAD"], names, is_running=True)
    assert over[3] == {"name": "clean", "state": "done"}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([REPRO, MISTAKE, "ERROR: failed to reproduce 'fetch@toy': failed to run"], MISTAKE),
        ([REPRO, "clean: toy: error: one", "clean: toy: error: two"], "clean: toy: error: one\nclean: toy: error: two"),
        ([REPRO, LOCKED], BUSY),
        ([REPRO, BLOCKED, "  (PID 7): dvc repro"], BUSY),
        ([REPRO, "ERROR: 'dvc.yaml' is invalid.", ""], "'dvc.yaml' is invalid."),
        ([REPRO, MISTAKE, "$ python -m labels export", "labels: error: disk full"], "labels: error: disk full"),
        ([REPRO, "Traceback", "ValueError: odd", ""], "ValueError: odd"),
        ([], ""),
    ],
)  # fmt: skip
def test_the_reason_is_what_the_last_command_said(lines: list[str], reason: str) -> None:
    assert find_reason(lines) == reason


@pytest.mark.parametrize(
    ("ended", "is_running", "state"),
    [
        (None, True, "running"),
        (None, False, "killed"),
        ({"code": 0, "stopped": False}, False, "done"),
        ({"code": 255, "stopped": True}, False, "stopped"),
        ({"code": 2, "stopped": False}, False, "failed"),
    ],
)
def test_how_a_job_stands(ended: Any, is_running: bool, state: str) -> None:
    assert describe_end({"ended": ended}, [REPRO, MISTAKE], is_running)["state"] == state


def test_what_a_job_waits_for_is_said_until_it_begins() -> None:
    waits = "waits for another DVC command (process 7: dvc repro)"
    for lines, reason in (([REPRO, waits], waits), ([REPRO, waits, "Running stage 'fetch@toy':"], "")):
        assert describe_end({"ended": None}, lines, True) == {"state": "running", "reason": reason}


def test_what_dvc_says_is_told_by_data_set() -> None:
    printed = json.dumps({
        "clean@toy": [{"changed deps": {"data/toy/decisions.csv": "modified"}}],
        "check@pets": [{"changed deps": {"params.yaml": {"pets": "modified"}}}, "changed command"],
        "watch@pets": [{"changed deps": {"stages/watch": "modified"}}, "always changed"],
    })  # fmt: skip
    said = read_answer(printed, "", ["toy", "pets", "digits"])
    assert said["toy"] == {"known": True, "stages": ["clean"], "files": ["data/toy/decisions.csv"], "decided": True}
    assert said["pets"]["stages"] == ["check"]
    assert said["pets"]["files"] == ["changed command", "params.yaml: pets"]
    assert said["digits"] == {"known": True, "stages": [], "files": [], "decided": False}
    refused = read_answer("", f"{LOCKED}\n", ["toy"])
    assert refused["toy"]["known"] is False
    assert "Unable to acquire lock" in refused["toy"]["reason"]


@pytest.mark.parametrize(
    ("text", "busy"),
    [("", False), ("[]", False), ('{"write": {}}', False), ('{"write": {"/x": {"pid": 1, "cmd": "dvc"}}}', True),
     ('{"read": {"/x": [{"pid": 1, "cmd": "dvc"}]}}', False), ('{"write": {"/x": {"pid": 1}}}', False),
     ('{"write": {"/x": {"pid": 4194305, "cmd": "dvc"}}}', False)],
)  # fmt: skip
def test_dvc_is_left_alone_while_it_writes(workplace: Path, text: str, busy: bool) -> None:
    (workplace / ".dvc/tmp").mkdir(parents=True)
    (workplace / ".dvc/tmp/rwlock").write_text(text)
    assert is_dvc_busy() is busy


@pytest.mark.parametrize("name", list(JOBS))
def test_a_job_is_commands_without_a_shell(workplace: Path, name: str) -> None:
    form = JOBS[name].list_forms("digits")[0]
    for step in JOBS[name].list_steps("digits", form, Path(".dvc/tmp/jobs/digits")):
        arguments = to_arguments(step.command)
        assert Path(arguments[0]).name.startswith("python")
        assert arguments[-len(step.command) + 1 :] == list(step.command[1:])
        assert to_text(step.command).startswith(("dvc --wait-for-lock repro ", "python -m "))


@pytest.mark.parametrize("form", ["", "hf", "imagefolder-links", "../x", "csv; touch x"])
def test_a_form_is_one_of_those_listed(workplace: Path, form: str) -> None:
    with pytest.raises(InputError, match="export: digits has no form"):
        Slot().start("digits", "export", form, [])
    assert not (workplace / ".dvc").exists()


@pytest.mark.parametrize("name", ["mnist", "nobody", "../data", "x; touch PWNED", ""])
def test_only_listed_data_sets_are_touched(workplace: Path, name: str) -> None:
    with pytest.raises(InputError, match="does not list"):
        check_listed(name)


@pytest.mark.parametrize("datasets", [None, 3, "digits", [1], [["digits"]], {"digits": 1}])
def test_a_list_of_data_sets_that_is_none(workplace: Path, datasets: object) -> None:
    (workplace / "params.yaml").write_text(yaml.safe_dump({"datasets": datasets, "digits": {}}))
    with pytest.raises(InputError, match=r"datasets: must be a list"):
        list_datasets()


def test_a_listed_name_that_cannot_be_one(workplace: Path) -> None:
    (workplace / "params.yaml").write_text(yaml.safe_dump({"datasets": ["x; y", "gone"], "x; y": {}}))
    for name, said in (("x; y", "cannot name a data set"), ("gone", "no block")):
        with pytest.raises(InputError, match=said):
            check_listed(name)


def test_an_exported_folder_becomes_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "exported/toy-folders"
    for name in ("cat/1.png", "dog/2.png"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(name.encode())
    assert pack(folder) == "packed as toy-folders.zip"
    (archive,) = find_exported(tmp_path)
    assert [path.name for path in (tmp_path / "exported").iterdir()] == ["toy-folders.zip"]
    with zipfile.ZipFile(archive) as packed:
        assert {name for name in packed.namelist() if not name.endswith("/")} == {"cat/1.png", "dog/2.png"}
        assert packed.read("dog/2.png") == b"dog/2.png"


def test_pictures_in_files_come_as_folders_too(workplace: Path) -> None:
    assert JOBS["export"].list_forms("digits") == ["csv", "jsonl"]
    (workplace / "data/digits/cleaned").mkdir(parents=True)
    (workplace / "data/digits/cleaned/pictures.json").write_text("{}")
    assert JOBS["export"].list_forms("digits") == ["csv", "jsonl", "folders"]
    steps = JOBS["export"].list_steps("digits", "folders", Path("home"))
    assert [to_text(step.command) for step in steps] == [
        "python -m labels export digits home/exported/digits-folders --as folders",
        "python -m review.start.pack home/exported/digits-folders",
    ]


FAILS = ["python", "-c", "raise SystemExit(2)"]
SAYS = ["python", "-c", "print('second')"]


@pytest.mark.parametrize(
    ("steps", "code", "printed"),
    [
        ([(FAILS, SAYS)], 0, "second\n"),
        ([(SAYS, FAILS)], 0, "second\n"),
        ([(FAILS, []), (SAYS, [])], 2, ""),
        ([(FAILS, FAILS), (SAYS, [])], 2, ""),
    ],
)
def test_a_step_has_another_in_its_place(tmp_path: Path, steps: list[Any], code: int, printed: str) -> None:
    home = tmp_path / "toy"
    home.mkdir()
    write_json(home / "job.json", {"steps": [{"command": one, "otherwise": other} for one, other in steps]})
    done = subprocess.run(
        [sys.executable, "-m", "review.start.runner", str(home)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    said = [line for line in done.stdout.splitlines(keepends=True) if not line.startswith("$ ")]
    assert "".join(said) == printed
    ended = json.loads((home / "ended.json").read_text())
    assert (ended["code"], ended["stopped"]) == (code, False)
