"""The stages as DVC runs them: what reruns, what is restored, what a failure leaves, what others pull."""

import ast
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LogisticRegression

from stages.command.params import SECTIONS
from tests.conftest import ROOT, Clone

# in the order of the pipeline
STAGES = (
    "check", "watch", *SECTIONS[:6], "consensus", "find_issues", "flip", "audit",
    "clean", "certify", "compare", "report",
)  # fmt: skip
# as DVC runs them: the labels first
RUN = ("check", *STAGES[2:10], "clean", "certify", "flip", "audit", "compare", "report")
# what the folders data/ and reports/ have in git
KEPT = (
    "issues.csv", "changes.csv", "decisions.csv", "metrics.json", "audit.json", "compared.json", "source.json",
    "data/local.yaml", "certificate/plan.json", "certificate/plan.csv", "certificate/checks.csv",
    "certificate/certificate.json",
)  # fmt: skip
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def module_file(name: str) -> Path | None:
    path = Path(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if (ROOT / candidate).exists():
            return candidate
    return None


def imports(path: Path) -> Iterator[Path]:
    """Yield the local modules that a module imports, and the packages that they are in."""
    for name in imported_names(ROOT / path):
        found = {module_file(name), module_file(name.rpartition(".")[0])}
        yield from (file for file in found if file)


def imported_names(path: Path) -> Iterator[str]:
    """Yield what a module imports by `from MODULE import NAME`, as MODULE.NAME: itself a module, or a part of one."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def all_modules(stage: str) -> set[str]:
    """Return the files of every local module that a stage loads, itself included, but for empty packages."""
    todo, seen = [Path(f"stages/{stage}/__main__.py")], set[Path]()
    # what these find by its file name
    for folder in (ROOT / f"stages/{stage}/{name}" for name in ("sources", "sections", "scores", "rules")):
        todo += [path.relative_to(ROOT) for path in folder.glob("*.py")]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += imports(path)
    return {str(path) for path in seen if len(ast.parse((ROOT / path).read_text()).body) > 1}


def reran(printed: str) -> list[str]:
    return re.findall(r"Running stage '(\w+)@", printed)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_every_module_it_loads(stage: str) -> None:
    deps = [dep for dep in PIPELINE[stage]["do"]["deps"] if Path(dep).is_relative_to("stages")]
    modules = all_modules(stage) - {"stages/__init__.py"}
    assert {module for module in modules if not any(Path(module).is_relative_to(dep) for dep in deps)} == set()
    # and on none that it does not load
    assert {dep for dep in deps if not any(Path(module).is_relative_to(dep) for module in modules)} == set()


def test_byte_code_is_no_change_and_a_new_module_is_one(clone: Clone) -> None:
    assert list(clone.path("stages/report/__pycache__").glob("*.pyc"))
    assert "up to date" in clone.run("dvc", "status")
    clone.path("stages/report/new.py").touch()
    assert "report@digits" in clone.run("dvc", "status")


# what one room may import from another, and why
ALLOWED = {
    # it checks all sections at once
    "check": {
        "stages.crossval_predict.models.registry",
        *(f"stages.{each}.settings" for each in (*SECTIONS, "flip", "compare")),
    },
    "audit": {"stages.find_issues"},  # it measures that ranking and no other
    # a review stops at the least yield that the flags have, and shows how far a certificate has come
    "review": {"stages.find_issues.settings", "stages.certificate"},
    "labels": {"stages.fetch"},  # it reads what Label Studio exports as `fetch` does
    # it reads data as the stages will, and checks blocks before they run
    "dataset": {
        "stages.fetch",
        "stages.preprocess",
        "stages.check",
        "stages.split.settings",
        "stages.crossval_predict.models.registry",
    },
}
SHARED = ("stages.artifacts", "stages.command", "stages.certificate", "stages.workers", "stages.workplace")
ROOMS = sorted(path.parent.name for path in (ROOT / "stages").glob("*/__main__.py"))


@pytest.mark.parametrize("room", [*ROOMS, "review", "labels", "dataset"])
def test_a_room_knows_the_others_by_their_artifacts_alone(room: str) -> None:
    folder = ROOT / ("stages" if room in ROOMS else "") / room
    own = f"stages.{room}" if room in ROOMS else room
    known = (own, *SHARED, *ALLOWED.get(room, ()))
    for path in folder.rglob("*.py"):
        for name in imported_names(path):
            ours = name.startswith(("stages", "review", "labels", "dataset."))
            assert not ours or name.startswith(known), f"{path.relative_to(ROOT)} imports {name}"
    allowed = "".join(path.read_text() for path in folder.rglob("*.py"))
    assert all(f"from {name}" in allowed for name in ALLOWED.get(room, ()))


@pytest.mark.parametrize("stage", SECTIONS)
def test_a_stage_declares_the_section_it_reads_and_no_other(stage: str) -> None:
    deps = PIPELINE[stage]["do"]["deps"]
    assert [dep for dep in deps if "/params/" in dep] == [f"data/${{item}}/params/{stage}.json"]
    source = "".join((ROOT / path).read_text() for path in all_modules(stage))
    assert re.findall(r'read_section\(dataset, "(\w+)"', source) == [stage]


def test_the_pipeline_is_these_stages_and_each_keeps_its_outputs_where_the_others_look() -> None:
    assert list(PIPELINE) == list(reversed(STAGES))
    made = {str(out) for stage in PIPELINE.values() for out in map(out_path, list_outs(stage))}
    read = {dep for stage in PIPELINE.values() for dep in stage["do"]["deps"] if dep.startswith("data/")}
    inputs = {f"data/${{item}}/{name}" for name in ("decisions.csv", "certificate/plan.json", "certificate/checks.csv")}
    for dep in read - inputs:
        assert any(dep == out or dep.startswith(f"{out}/") for out in made), dep


def list_outs(stage: dict) -> list:  # type: ignore[type-arg]
    return [out for kind in ("outs", "metrics", "plots") for out in stage["do"].get(kind, [])]


def out_path(out: object) -> object:
    return next(iter(out)) if isinstance(out, dict) else out


@pytest.mark.parametrize("stage", ["check", *SECTIONS[: SECTIONS.index("find_issues")], "flip"])
def test_the_stages_before_the_tables_keep_the_run_cache(stage: str) -> None:
    assert all(isinstance(out, str) for out in list_outs(PIPELINE[stage]))


def test_nothing_reruns_when_nothing_changed(clone: Clone) -> None:
    assert "Data and pipelines are up to date." in clone.repro()
    assert clone.run("git", "status", "--short") == ""


def test_one_knob_reruns_what_follows_from_it_and_back_is_restored(clone: Clone) -> None:
    pred_probs = clone.path("data/digits/predictions/pred_probs.npy").read_bytes()
    issues = clone.path("data/digits/issues.csv").read_bytes()
    clone.set_param("crossval_predict", "max_epochs", 1)
    assert reran(clone.repro()) == [
        "check", "crossval_predict", "consensus", "find_issues", "clean", "certify", "flip", "compare", "report",
    ]  # fmt: skip
    assert clone.path("data/digits/predictions/pred_probs.npy").read_bytes() != pred_probs
    assert "digits.crossval_predict.max_epochs  6       1" in clone.run("dvc", "params", "diff")
    assert re.search(r"metrics.json +accuracy +0\.9\d+ +0\.\d+ +-0\.\d+", clone.run("dvc", "metrics", "diff"))
    clone.run("dvc", "plots", "diff", "--out", str(clone.path("plots")), "HEAD")
    assert clone.path("plots/index.html").read_text().count('"rev": "workspace"') > 1797
    clone.set_param("crossval_predict", "max_epochs", 6)
    printed = clone.repro()
    assert "Stage 'crossval_predict@digits' is cached - skipping run, checking out outputs" in printed
    assert reran(printed) == ["find_issues", "clean", "certify", "compare", "report"]
    assert clone.path("data/digits/predictions/pred_probs.npy").read_bytes() == pred_probs
    assert clone.path("data/digits/issues.csv").read_bytes() == issues


@pytest.mark.parametrize(
    ("section", "key", "value", "expected"),
    [
        ("find_issues", "budget", 5, ["check", "find_issues", "clean", "certify", "audit", "compare", "report"]),
        ("clean", "undecided", "remove", ["check", "clean", "certify", "compare", "report"]),
        ("report", "top", 10, ["check", "report"]),
        ("fetch", "sha256", None, ["check", "fetch"]),
    ],
)
def test_a_later_knob_reruns_less(clone: Clone, section: str, key: str, value: object, expected: list[str]) -> None:
    clone.set_param(section, key, value)
    assert reran(clone.repro()) == expected


def test_experiments_are_compared(clone: Clone) -> None:
    clone.run("dvc", "exp", "run", "--name", "short", "--set-param", "digits.crossval_predict.max_epochs=1",
              "--set-param", "digits.split.repeats=1")  # fmt: skip
    shown = clone.run("dvc", "exp", "show", "--only-changed", "--drop", "data.*", "--csv")
    assert "digits.crossval_predict.max_epochs" in shown.splitlines()[0]
    assert "accuracy" in shown.splitlines()[0]
    assert any(line.startswith("short,") for line in shown.splitlines())
    assert "accuracy" in clone.run("dvc", "metrics", "diff", "main", "short")


@pytest.mark.parametrize(
    ("stage", "key", "value"),
    [
        ("crossval_predict", "max_epochs", 0),
        ("find_issues", "budget", 0),
        ("clean", "undecided", "drop"),
        ("report", "top", 0),
    ],
)
def test_a_mistake_ends_with_one_line_and_loses_nothing(clone: Clone, stage: str, key: str, value: object) -> None:
    def outputs() -> dict[str, bytes]:
        folders = [clone.path("data/digits"), clone.path("reports/digits")]
        return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}

    before = outputs()
    good = yaml.safe_load(clone.path("params.yaml").read_text())["digits"][stage][key]
    clone.set_param(stage, key, value)
    printed = clone.stage(stage, code=2)
    assert printed.count("\n") == 1
    assert f"{stage}: digits: error: params.yaml: digits.{stage}.{key}: {value!r} is not allowed" in printed
    assert outputs() == before
    # the first stage says it before any other runs
    assert printed.replace(stage, "check", 1) in clone.repro(code=255)
    clone.set_param(stage, key, good)
    clone.repro()
    assert outputs() == before


# what these write is too small to cut: inspect finds little in the digits, they have one label each, and nothing is
# flipped, compared or planned
SMALL = ("check", "watch", "inspect", "consensus", "flip", "audit", "certify", "compare")


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in SMALL])
def test_a_full_disk_leaves_no_half_output(clone: Clone, stage: str) -> None:
    before = clone.run("sh", "-c", "find data reports -type f | sort | xargs md5sum")
    # a limit on the size of a file stops a write in the middle, as a full disk does
    limited = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024));"
    run = f"runpy.run_module('stages.{stage}', run_name='__main__')"
    printed = clone.run(sys.executable, "-c", limited + run, "digits", code=2)
    assert f"{stage}: digits: error: " in printed
    assert "Traceback" not in printed
    assert clone.run("sh", "-c", "find data reports -type f | sort | xargs md5sum") == before
    assert "up to date" in clone.repro()


def test_a_killed_run_is_taken_up_by_the_next(clone: Clone) -> None:
    clone.set_param("crossval_predict", "max_epochs", 2)
    clone.set_param("split", "repeats", 1)
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "dvc"), "repro"], cwd=clone.folder, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, start_new_session=True,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(clone.folder)},
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(b"fold"):
            break
    clone.run("pkill", "-KILL", "--session", str(process.pid))
    process.wait()
    assert process.returncode == -signal.SIGKILL
    assert reran(clone.repro()) == [
        "crossval_predict", "consensus", "find_issues", "clean", "certify", "flip", "compare", "report",
    ]  # fmt: skip
    assert not list(clone.folder.rglob("*.partial"))


def test_each_data_set_is_finished_before_the_next(clone: Clone) -> None:
    params = yaml.safe_load(clone.path("params.yaml").read_text())
    params["again"] = {**params["digits"], "split": {"folds": 2, "repeats": 1}, "crossval_predict": {"max_epochs": 1}}
    params["digits"]["find_issues"]["budget"] = 5
    params["datasets"] = ["again", "digits"]
    clone.path("params.yaml").write_text(yaml.safe_dump(params))
    printed = clone.repro()
    ran = re.findall(r"Running stage '(\w+@\w+)'", printed)
    budgeted = ("check", "find_issues", "clean", "certify", "audit", "compare", "report")
    assert ran == [f"{stage}@again" for stage in RUN] + [f"{stage}@digits" for stage in budgeted]
    assert "data/again/decisions.csv started, for people's decisions: add it to git" in printed
    assert clone.path("reports/again/index.html").exists()


def test_others_pull_the_cleaned_data_and_train_on_them(clone: Clone, tmp_path: Path) -> None:
    clone.run("dvc", "remote", "add", "--default", "teststore", str(tmp_path / "store"))
    clone.run("dvc", "remote", "modify", "teststore", "verify", "true")
    clone.commit("Name a remote")
    clone.run("dvc", "push")
    clone.run("git", "clone", "--quiet", str(clone.folder), str(tmp_path / "other"))
    other = Clone(tmp_path / "other")
    other.run("dvc", "pull", "data/digits/cleaned")
    folder = other.path("data/digits/cleaned")
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", "classes.json", "images.npy", "labels.csv"]
    labels, images = pd.read_csv(folder / "labels.csv"), np.load(folder / "images.npy")
    kept = labels["status"] != "removed"
    X, y = images[kept].reshape(kept.sum(), -1) / 255, labels.loc[kept, "label"]
    assert LogisticRegression(max_iter=200).fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > 0.9
    assert "up to date" in other.repro("--pull")
    assert other.run("git", "status", "--short") == ""


def test_the_committed_files_hold_no_pictures_and_no_label_columns() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        path = ROOT / name
        if path.exists():
            assert path.stat().st_size < 500_000, name
        # the figure of a benchmark has no pictures of digits
        if name.startswith(("data/", "reports/mnist")) and name != "reports/mnist_front.png":
            assert name.endswith(KEPT), name
