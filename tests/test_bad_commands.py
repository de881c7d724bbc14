"""Whatever is wrong on a command line, in params.yaml, in a file or in git: one line, exit code 2, nothing touched."""

import json
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labels.certify import plan_certificate
from labels.revisions import run_git
from stages.command.errors import InputError
from tests.review import HEAD
from tests.sources import STAGES, Block, list_files, make_source, run, write_block

Mistake = Callable[[Path], object]
CHECK = "stages.check toy"
SPLIT = "stages.split toy"
DIFF = "labels diff toy"
CERTIFY = "labels certify toy"
REVIEW = "review toy"
EXPORT = "review export label-studio toy"
IMPORT = "review import label-studio toy answers.json"


def nothing(folder: Path) -> None:
    pass


def write(name: str, content: str | bytes) -> Mistake:
    return lambda folder: (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def params(text: str | bytes) -> Mistake:
    return write("params.yaml", text)


def block(text: str) -> Mistake:
    """Replace the block by the lines of a text, with a source where it names none."""
    source = "" if "fetch:" in text else " fetch: {sources: ['csv:data.csv'], label: animal},"
    return params(f"toy: {{{source} {text} }}\n")


def audited(text: str) -> Mistake:
    return params(f"audited: {text}\ntoy: {{fetch: {{sources: ['csv:data.csv']}}}}\n")


def remove(name: str) -> Mistake:
    def apply(folder: Path) -> None:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return apply


def decide(*lines: str, head: str = HEAD) -> Mistake:
    return write("data/toy/decisions.csv", "\n".join([head, *lines]) + "\n")


def answer(**changed: Any) -> Mistake:
    record = {
        "id": 1, "annotation_id": 1, "annotator": 1, "dataset": "toy", "row_id": "0", "given_label": "cat",
        "suggested_label": "dog", "label_quality": 0.5, "label": "dog", "updated_at": "2026-11-24T11:55:55Z",
        **changed,
    }  # fmt: skip
    return write("answers.json", json.dumps([{key: value for key, value in record.items() if value is not None}]))


def plan(folder: Path) -> None:
    plan_certificate("toy", "20%")


def both(*mistakes: Mistake) -> Mistake:
    return lambda folder: [mistake(folder) for mistake in mistakes]


def git(*arguments: str) -> Mistake:
    return lambda folder: subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def tagged(folder: Path) -> None:
    git("tag", "--annotate", "--message", "x", "toy-labels@v1.0.0")(folder)


MISTAKES: dict[str, tuple[str, Mistake, str]] = {
    # command lines
    "no data set": ("stages.fetch", nothing, "the following arguments are required: dataset; see `python -m stages.f"),
    "two data sets": ("stages.fetch toy toy", nothing, "unrecognized arguments: toy; see `python -m stages.fetch --he"),
    "an option": ("stages.split toy --folds 3", nothing, "unrecognized arguments: --folds 3; see"),
    "a folder for a name": ("stages.fetch data/toy", nothing, "'data/toy' cannot name a data set: use letters, digits"),
    "a path that leads out": ("stages.check ../toy", nothing, "'../toy' cannot name a data set: use letters, digits,"),
    "a name with a sign": ("labels diff toy;ls", nothing, "'toy;ls' cannot name a data set: use letters, digits, '-'"),
    "misspelt": ("stages.check toi", nothing, "no block for the data set 'toi' (did you mean 'toy'?); there are: toy"),
    "labels alone": ("labels", nothing, "the following arguments are required: ask|certify|diff|export|gate|"),
    "no such command": ("labels dif toy", nothing, "invalid choice: 'dif'"),
    "labels of nothing": ("labels diff", nothing, "the following arguments are required: dataset; see `python -m la"),
    "labels of no one": ("labels gate toi", nothing, "no block for the data set 'toi' (did you mean 'toy'?)"),
    "no form": ("labels export toy out", nothing, "the following arguments are required: --as; see `python -m labels"),
    "half an option": ("labels gate toy --ba main", nothing, "unrecognized arguments: --ba main; see `python -m labe"),
    "no version": ("labels release toy", nothing, "the following arguments are required: version; see"),
    "no such option": ("labels diff toy --json x", nothing, "unrecognized arguments: --json x; see"),
    "review of nothing": ("review", nothing, "params.yaml: datasets: must be a list of data sets"),
    "review of no one": ("review toi", nothing, "no block for the data set 'toi' (did you mean 'toy'?); there are: to"),
    "a port in words": (f"{REVIEW} --port http", nothing, "argument --port: invalid int value: 'http'; see `python"),
    "no such host": (f"{REVIEW} --host 203.0.113.7", nothing, "cannot listen on 203.0.113.7:"),
    "a port too high": (f"{REVIEW} --port 70000", nothing, "cannot listen on 127.0.0.1:70000 ("),
    "no per cent": (f"{REVIEW} --auto 1", nothing, "argument --auto: '1' is no percentage; write it like 1%; see"),
    "all of them": (f"{REVIEW} --known 100%", nothing, "argument --known: '100%' is no percentage; write it like 1%"),
    "too low a goal": (f"{REVIEW} --auto 1%", nothing, "--auto: of 12 labels this goal lets none be wrong; ask for "),
    "no plan to review": (f"{REVIEW} --certify", nothing, "nothing is planned; `python -m labels certify toy --goal 1"),
    "other tool": ("review export prodigy toy", nothing, "argument tool: invalid choice: 'prodigy' (choose from 'la"),
    "no export to import": ("review import label-studio toy", nothing, "the following arguments are required: file; s"),
    # params.yaml
    "no params": (CHECK, remove("params.yaml"), "params.yaml: not found; run the command from the repository's root"),
    "empty params": (CHECK, params(""), "params.yaml: must hold `datasets` and a block for each data set"),
    "a list": (CHECK, params("- toy\n"), "params.yaml: must hold `datasets` and a block for each data set"),
    "a tab": (CHECK, params("toy:\n\tfetch: {}\n"), "params.yaml: not valid YAML: while scanning for the next token f"),
    "an open bracket": (CHECK, params("datasets: [toy\n"), "params.yaml: not valid YAML: while parsing a flow sequenc"),
    "Latin 1": (CHECK, params("toy: {a: é}".encode("latin-1")), "params.yaml: not valid YAML: 'utf-8' codec can't dec"),
    "a block of text": (CHECK, params("toy: csv:data.csv\n"), "params.yaml: toy: must hold sections such as fetch, no"),
    "section misspelt": (CHECK, block("prepocess: {}"), "toy.prepocess: unknown section (did you mean 'preprocess'?)"),
    "a section of text": (CHECK, block("split: 5"), "params.yaml: toy.split: must hold keys and values, not 5"),
    "key misspelt": (CHECK, block("split: {fold: 5}"), "toy.split.fold: unknown key (did you mean 'folds'?); allowed"),
    "a key inside misspelt": (
        CHECK, block("fetch: {sources: [x], csv: {delimeter: ';'}}"), "csv.delimeter: unknown key (did you mean 'de",
    ),
    "a key that has moved": (
        CHECK, block("crossval_predict: {folds: 5}"), "toy.crossval_predict.folds: this key lies in the section split",
    ),
    "no source": (CHECK, block("fetch: {}"), "params.yaml: toy.fetch.sources: missing; add the key"),
    "no sources": (CHECK, block("fetch: {sources: []}"), "toy.fetch.sources: [] is not allowed: give a list that is n"),
    "one source": (CHECK, block("fetch: {sources: 'csv:a.csv'}"), "'csv:a.csv' is not allowed: give a list, [a, b]"),
    "a number of a label": (
        CHECK, block("fetch: {sources: [x], label: 5}"), "fetch.label: 5 is not allowed: give the name of a column",
    ),
    "words for a number": (CHECK, block("split: {folds: five}"), "toy.split.folds: 'five' is not allowed: give a whol"),
    "half a fold": (CHECK, block("split: {folds: 2.5}"), "toy.split.folds: 2.5 is not allowed: give a whole number"),
    "one fold": (CHECK, block("split: {folds: 1}"), "toy.split.folds: 1 is not allowed: give a whole number of at le"),
    "a truth": (CHECK, block("split: {seed: yes}"), "toy.split.seed: True is not allowed: give a whole number"),
    "a power": (CHECK, block("crossval_predict: {lr: 1e-3}"), "(YAML reads 1e-3 as text: write 0.001)"),
    "no number": (CHECK, block("crossval_predict: {lr: .nan}"), "toy.crossval_predict.lr: nan is not allowed: "),
    "no such choice": (CHECK, block("preprocess: {unlabelled: drop}"), "unlabelled: 'drop' is not allowed: input shou"),
    "a list of columns": (CHECK, block("preprocess: {columns: [size]}"), "['size'] is not allowed: give keys and valu"),
    "no such flag": (CHECK, block("find_issues: {flag: worst}"), "toy.find_issues.flag: 'worst' is not allowed: "),
    "a negative budget": (CHECK, block("find_issues: {budget: -1}"), "toy.find_issues.budget: -1 is not allowed: "),
    "no such rule": (CHECK, block("clean: {undecided: drop}"), "toy.clean.undecided: 'drop' is not allowed: "),
    "more than sure": (CHECK, block("clean: {act_above: 90}"), "toy.clean.act_above: 90 is not allowed: "),
    "audit by name": (CHECK, audited("toy"), "params.yaml: audited: must be a list of data sets such as [digits], not"),
    "audit of noise": (CHECK, audited("[{toy: {noise: random}}]"), "noise: 'random' is not allowed: input should be"),
    "audit of all": (CHECK, audited("[{toy: {share: 2}}]"), "share: 2 is not allowed: "),
    # decisions.csv
    "no decisions": ("stages.clean toy", remove("data/toy/decisions.csv"), "decisions.csv: not found; make it with th"),
    "no header": (SPLIT, decide(head="0,cat,keep,,ann"), "decisions.csv line 1: no column id, given_label, decision,"),
    "semicolons": (SPLIT, decide(head=HEAD.replace(",", ";")), "no column id, given_label, decision, label, reviewer;"),
    "a column twice": (SPLIT, decide(head=f"{HEAD},id"), "decisions.csv line 1: more than one column id; take out or"),
    "too many cells": (SPLIT, decide("0,cat,keep,,ann,,a, b" + "," * 5), "cells as in line 1, but 13; put quotes"),
    "too few cells": (SPLIT, decide("0,cat,keep"), "line 2: not 11 cells as in line 1, but 3; an empty"),
    "an open quote": (SPLIT, decide('0,cat,keep,,ann,,"a'), "decisions.csv: not a CSV file in UTF-8 (unexpected end o"),
    "NUL bytes": (SPLIT, decide("0,cat,keep,,ann,,\0\0"), "line 2: holds NUL bytes, as after a full disk; take the l"),
    "no such decision": (SPLIT, decide("0,cat,drop,,ann"), "decision 'drop' is not one of keep, relabel, remove, unsu"),
    "nobody": (SPLIT, decide("0,cat,keep,,"), "line 2: id '0': reviewer is empty; write who decided"),
    "a time in words": (SPLIT, decide("0,cat,keep,,ann,today"), "time 'today' is not ISO 8601; write it like 2026-11"),
    "a label to keep": (SPLIT, decide("0,cat,keep,dog,ann"), "keep takes no label, but 'dog' stands there; clear it"),
    "a label to remove": (SPLIT, decide("0,cat,remove,dog,ann"), "remove takes no label, but 'dog' stands there; clea"),
    "the label it has": (SPLIT, decide("0,cat,relabel,cat,ann"), "is relabelled to the label it has; write keep inste"),
    # what other stages leave
    "no raw data": ("stages.preprocess toy", remove("data/toy/raw"), "data/toy/raw/labels.csv: not found; `dvc repro`"),
    "nothing prepared": ("stages.embed toy", remove("data/toy/prepared"), ": not found; `dvc repro` makes it (one sta"),
    "nothing predicted": ("stages.find_issues toy", remove("data/toy/predictions"), "not found; `dvc repro` makes it "),
    "half an array": (
        "stages.find_issues toy", write("data/toy/predictions/pred_probs.npy", b"\x93NUMPY\x01"), "pred_probs.npy: dam",
    ),
    "half a list": ("stages.split toy", write("data/toy/prepared/classes.json", '["cat"'), "classes.json: damaged (Ex"),
    "an empty table": ("stages.clean toy", write("data/toy/quality/label_quality.csv", ""), "label_quality.csv: damag"),
    "no verdict": ("stages.clean toy", write("data/toy/quality/model.json", "{}"), "model.json: verdict must be good,"),
    # certificates
    "nothing planned": (CERTIFY, nothing, "nothing is planned for toy; make a plan, for instance by `python -m labels"),
    "a goal in words": (f"{CERTIFY} --goal few", nothing, "--goal few: give a share such as 1%, 0.5% or 0.01"),
    "no goal": (f"{CERTIFY} --goal 0%", nothing, "--goal 0%: give a share such as 1%, 0.5% or 0.01"),
    "a goal of all": (f"{CERTIFY} --goal 100%", nothing, "--goal 100%: give a share such as 1%, 0.5% or 0.01"),
    "less than one label": (f"{CERTIFY} --goal 1%", nothing, "--goal 1 %: of 12 labels this is less than one; ask for"),
    "sure of nothing": (f"{CERTIFY} --confidence 99%", nothing, "--confidence is for a plan: add --goal, for instance"),
    "too sure": (f"{CERTIFY} --goal 20% --confidence 100%", nothing, "--confidence 100%: give a share such as"),
    "again what": (f"{CERTIFY} --again", nothing, "--again is for a plan: add --goal, for instance --goal 1%"),
    "no splits": (f"{CERTIFY} --goal 20% --split test", nothing, "--split test: toy has no splits; leave it out"),
    "models of no plan": (f"{CERTIFY} --models p.csv", nothing, "nothing is planned for toy; make a plan, for instanc"),
    "models and a goal": (f"{CERTIFY} --models p.csv --goal 1%", nothing, "measures on what is planned, so --goal can"),
    "half a plan": (CERTIFY, both(plan, remove("data/toy/certificate/plan.csv")), "plan.csv: is not what data/toy/cer"),
    "a plan with a change": (
        "stages.certify toy", both(plan, write("data/toy/certificate/plan.csv", "id,label,weight\n0,cat,1\n")),
        "plan.csv: is not what data/toy/certificate/plan.json says; bring back both with `git checkout",
    ),
    # files of other programs
    "a form misspelt": ("labels export toy out --as cvs", nothing, "--as cvs: no such form (did you mean 'csv'?); the"),
    "texts as pictures": ("labels export toy out --as folders", nothing, "toy has no pictures in files; there is --as"),
    "a full folder": ("labels export toy data --as csv", nothing, "data: holds something, and nothing is ever overwri"),
    "a file": ("labels export toy data.csv --as csv", nothing, "data.csv: is there, and no folder; name a new one"),
    "nothing cleaned": ("labels export toy out --as csv", remove("data/toy/cleaned"), "labels.csv: not found; `dvc re"),
    "no JSON": (f"{EXPORT} --output tasks.xml", nothing, "tasks.xml: name a file that ends in .json; a file that ends"),
    "no pictures": (f"{EXPORT} --pictures http://x/", nothing, "--pictures: this data set has no pictures; leave it o"),
    "no answers": (IMPORT, nothing, "answers.json: No such file or directory; name a file that Label Studio has expor"),
    "answers in CSV": (IMPORT, write("answers.json", "id,label\n"), "answers.json: not JSON (Expecting value: line 1 "),
    "another data set": (IMPORT, answer(dataset="digits"), "no task could be taken; tasks left: 1 of the data set"),
    "another row": (IMPORT, answer(row_id="99"), "no task could be taken; tasks left: 1 whose id is not in the d"),
    "given anew": (IMPORT, answer(given_label="dog"), "no task could be taken; tasks left: 1 whose given label has"),
    "another class": (IMPORT, answer(label="cow"), "no task could be taken; tasks left: 1 with choice 'cow', which"),
    "no choice": (IMPORT, answer(label=None), "no task could be taken; tasks left: 1 with an answer that choo"),
    "two choices": (IMPORT, answer(label={"choices": ["cat", "dog"]}), "no task could be taken; tasks left: 1 with"),
    "nobody's answer": (IMPORT, answer(annotator=None), "no task could be taken; tasks left: 1 that do not say who"),
    "an answer of no time": (IMPORT, answer(updated_at=None), "no task could be taken; tasks left: 1 whose time '' i"),
    # git
    "no git": (f"{DIFF} HEAD", remove(".git"), "git rev-parse: not a git repository (or any"),
    "no such version": (f"{DIFF} v9", nothing, "'v9' is neither a released version of toy nor a git revision (release"),
    "no release": (DIFF, nothing, "toy has no released version to compare with; name a git revision, for instance HEA"),
    "nothing at a version": (DIFF, tagged, "the pipeline at v1.0.0 does not make it"),
    "no such base": ("labels gate toy --base release", nothing, "'release' is neither a released version of toy nor a"),
    "no base": ("labels gate toy", git("branch", "-m", "other"), "there is no origin/main or main here; bring it with"),
    "an option for a revision": ("labels gate toy --base=--all", nothing, "'--all' is neither a released version of t"),
}  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Block]:
    """Texts on which all stages have run, in a git repository."""
    folder = tmp_path_factory.mktemp("texts")
    block = make_source(folder, "text")
    block["find_issues"] = {"flag": "budget", "budget": 2}
    write_block(folder, block)
    with pytest.MonkeyPatch.context() as patch:
        assert [run(folder, stage, patch) for stage in STAGES[:-1]] == [0] * len(STAGES[:-1])
    identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"]
    for arguments in (["init", "--initial-branch=main"], ["add", "--all"], [*identity, "commit", "--message", "x"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return folder, block


def run_here(command: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a module with its arguments in this process, as Python does, and return the exit code."""
    module, *arguments = command.split()
    monkeypatch.setattr(sys, "argv", [module, *arguments])
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def list_all(folder: Path) -> dict[str, bytes]:
    """Return the content of all files, but for what git and DVC note for themselves."""
    return {name: content for name, content in list_files(folder).items() if not name.startswith((".git/", ".dvc/"))}


@pytest.mark.filterwarnings("ignore:.* found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_nothing_is_touched(
    name: str,
    finished: tuple[Path, Block],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command, make, message = MISTAKES[name]
    folder = tmp_path / "root"
    shutil.copytree(finished[0], folder)
    monkeypatch.chdir(folder)
    make(folder)
    before = list_all(folder)
    capsys.readouterr()
    assert run_here(command, monkeypatch) == 2, capsys.readouterr()
    said = capsys.readouterr().err
    begun = command.split()[0].removeprefix("stages.")
    assert said.startswith((f"{begun}: error: ", f"{begun}: toy: error: ", f"{begun}: ")), said
    assert "error: " in said
    assert message in said, said
    assert said.count("\n") == len(said.splitlines()) == 1, said
    assert list_all(folder) == before


def test_the_mistakes_are_a_hundred() -> None:
    assert len(MISTAKES) > 100


def test_a_lock_that_a_killed_git_left_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (["init"], ["commit", "--allow-empty", "--message", "x"]):
        git(*arguments)(tmp_path)
    (tmp_path / ".git/refs/tags/toy-labels@v1.0.0.lock").touch()
    with pytest.raises(InputError) as caught:
        run_git("tag", "--annotate", "--message", "x", "toy-labels@v1.0.0")
    said = str(caught.value)
    assert said.startswith("git tag: cannot lock ref 'refs/tags/toy-labels@v1.0.0': Unable to create '")
    assert said.endswith("toy-labels@v1.0.0.lock': File exists; if no git is at work here, remove that file")
