"""Clones of this repository for tests to run the real pipeline in."""

import asyncio
import gc
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from filelock import FileLock

from stages.artifacts.decisions import COLUMNS, RUN
from tests.browser import CHROMIUM, CHROMIUM_ARGUMENTS, FEW_PROCESSES, close_tabs, hold_process, run_loop
from tests.commands import ROOT as ROOT
from tests.commands import run_command
from tests.tables import Preparing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# byte-code is written, as users have it: without it each process compiles all that it imports
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# a shell's job in the background has it ignored, and so had all that tests start and interrupt
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# what is imported stays: to look through it for what does not, again and again, takes a third of the time
gc.disable()
# the tests themselves run several at a time
ONE_WORKER = {"CLEAN_LABELS_WORKERS": "1"}


def pytest_xdist_auto_num_workers() -> int | None:
    """Have one worker more than cores: those that wait, for a page or for the shared clone, leave a core idle."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else None


def pytest_collection_finish() -> None:
    gc.enable()
    gc.freeze()


class Clone:
    """A clone of this repository, as its files are now, with the commands to work in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, code: int | None = 0, **env: str) -> str:
        """Run a command in the clone, check its exit code, and return all that it printed."""
        returned, printed = run_command(command, self.folder, {**ONE_WORKER, **os.environ, **env})
        assert code is None or returned == code, printed
        return printed

    def stage(self, name: str, dataset: str = "digits", code: int = 0, **env: str) -> str:
        return self.run(sys.executable, "-m", f"stages.{name}", dataset, code=code, **env)

    def labels(self, *arguments: str, code: int = 0) -> str:
        return self.run(sys.executable, "-m", "labels", *arguments, code=code)

    def decide(self, *lines: str) -> None:
        """Append lines to the digits' decisions and let them take effect."""
        with self.path("data/digits/decisions.csv").open("a") as file:
            file.writelines(f"{line}\n" for line in lines)
        self.repro()

    def repro(self, *arguments: str, code: int = 0, **env: str) -> str:
        return self.run("dvc", "repro", *arguments, code=code, **env)

    def commit(self, message: str) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", message)

    def set_param(self, section: str, key: str, value: object, dataset: str = "digits") -> None:
        params = yaml.safe_load(self.path("params.yaml").read_text())
        params[dataset][section][key] = value
        write_yaml(self.path("params.yaml"), params)

    def path(self, name: str) -> Path:
        return self.folder / name

    def copy_to(self, folder: Path) -> "Clone":
        shutil.copytree(self.folder, folder, symlinks=True, copy_function=copy_or_link)
        return Clone(folder)


def copy_or_link(source: str, target: str) -> None:
    """Copy a file, or link what git and DVC keep by its content and never write to again."""
    if "/.git/objects/" in source or "/.dvc/cache/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


@pytest.fixture(scope="session", autouse=True)
def _dvc_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep DVC from the user's own settings and caches, and from looking for news in the background."""
    folder = tmp_path_factory.mktemp("dvc")
    (folder / "config").write_text("[core]\n    analytics = false\n    check_update = false\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DVC_GLOBAL_CONFIG_DIR", str(folder))
        patch.setenv("DVC_SITE_CACHE_DIR", str(folder / "site"))
        yield


@pytest.fixture(autouse=True)
def _git_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Tester")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "tester@example.org")


@pytest.fixture(scope="session")
def _reproduced(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Clone:
    """One run of `dvc repro` as shipped, for the tests of all worker processes to copy."""
    base = tmp_path_factory.getbasetemp()
    clone = Clone((base if worker_id == "master" else base.parent) / "reproduced")
    with FileLock(f"{clone.folder}.lock"):
        if not clone.folder.exists():
            copy_working_tree(clone.folder)
            make_as_shipped(clone.folder)
            clone.run("git", "init", "--quiet", "--initial-branch=main")
            for key, value in (("user.name", "Tester"), ("user.email", "tester@example.org"), ("gc.auto", "0")):
                clone.run("git", "config", key, value)
            clone.repro()
            clone.commit("Clean the digits")
    return clone


def copy_working_tree(folder: Path) -> None:
    """Copy the files that git tracks or would track, as they are now."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def make_as_shipped(folder: Path) -> None:
    """Take back what a team that works here will have changed: the data sets listed, the decisions, the remotes.

    What the files say of data sets that are not listed goes from dvc.lock, and comments from params.yaml: DVC reads and
    writes both again and again, at a second for each 100 KB.
    """
    params = yaml.safe_load((folder / "params.yaml").read_text())
    # an audit trains all again; its own test has one
    write_yaml(folder / "params.yaml", {**params, "datasets": ["digits"], "audited": [], "compared": []})
    lock = yaml.load((folder / "dvc.lock").read_text(), Loader=yaml.CSafeLoader)
    stages = {name: stage for name, stage in lock["stages"].items() if name.endswith("@digits")}
    write_yaml(folder / "dvc.lock", {**lock, "stages": stages})
    (folder / "data/digits/decisions.csv").write_text(f"{','.join((*COLUMNS, RUN))}\n")
    (folder / "data/local.yaml").write_text("local: []\n")
    (folder / ".dvc/config").write_text("[core]\n    analytics = false\n")


def write_yaml(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.fixture
def clone(_reproduced: Clone, tmp_path: Path) -> Clone:
    """A clone in which `dvc repro` has run and everything is committed, for one test alone."""
    return _reproduced.copy_to(tmp_path / "clone")


@pytest.fixture(scope="session")
def shared_clone(_reproduced: Clone) -> Clone:
    """The same for tests that only read."""
    return _reproduced


@pytest.fixture(scope="session")
def _browser() -> Iterator[tuple["Browser", asyncio.AbstractEventLoop]]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS + FEW_PROCESSES)
        hold_process(browser)
        loop = asyncio.get_running_loop()
        with run_loop(None):
            yield browser, loop
        browser.close()


@pytest.fixture
def browser(_browser: tuple["Browser", asyncio.AbstractEventLoop]) -> Iterator["Browser"]:
    """The browser of all tests of a process; what a test has opened in it is closed after the test."""
    browser, loop = _browser
    with run_loop(loop):
        yield browser
        close_tabs(browser)


@pytest.fixture(scope="session")
def released(_reproduced: Clone, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Clone:
    """A clone with a remote and two released versions, three decisions apart, for tests that only read."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "released"
    with FileLock(f"{folder}.lock"):
        if folder.exists():
            return Clone(folder)
        clone = _reproduced.copy_to(folder)
        clone.run("dvc", "remote", "add", "--default", "store", f"{folder}-store")
        clone.run("dvc", "remote", "modify", "store", "verify", "true")
        clone.commit("Name the remote")
        clone.run("dvc", "push")
        clone.labels("release", "digits", "1.0.0")
        clone.decide(
            "5,5,keep,,ann,2026-11-24T10:00:00Z,a 5 with a closed top,,,",
            "129,8,relabel,1,ann,2026-11-24T10:00:20Z,,,,",
            "7,7,remove,,bob,2026-11-24T10:00:31Z,<b>smudged</b> | torn,,,",
        )
        clone.commit("Decide on three digits")
        clone.run("dvc", "push")
        clone.labels("release", "digits", "1.1.0")
    return clone


@pytest.fixture
def released_copy(released: Clone, tmp_path: Path) -> Clone:
    """The same for one test alone; the remote is shared."""
    return released.copy_to(tmp_path / "released")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, made the current one, that holds params.yaml and nothing else."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def edit_params(workplace: Path) -> Callable[..., None]:
    """Change one value of params.yaml in the workplace: edit_params("fetch", "sha256", None)."""
    return Clone(workplace).set_param


@pytest.fixture
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Preparing:
    """Run `fetch` and `preprocess` on a small table."""
    return Preparing(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder that the environment variable REAL_DATA names, with real data sets in it."""
    folder = os.environ.get("REAL_DATA")
    if not folder:
        pytest.skip("REAL_DATA is not set: it names a folder with mnist/, the four IDX files")
    return Path(folder)
