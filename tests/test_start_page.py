"""The start page in a real browser, with a real server and a real DVC: the whole loop, stops, kills and failures."""

import csv
import io
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from filelock import FileLock

from stages.artifacts.files import read_table
from tests.browser import WAIT_S, expect, wait_until_ready
from tests.commands import find_programs, start_python
from tests.conftest import Clone, write_yaml
from tests.review import Page
from tests.start import make_slow, make_toy, open_start, press, serve_start, wait_for_end, wait_for_log

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Clone:
    """A clone with the small table, for the tests of all worker processes to copy or read."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "toy"
    with FileLock(f"{folder}.lock"):
        return Clone(folder) if folder.exists() else make_toy(folder)


@pytest.fixture
def toy(made: Clone, tmp_path: Path) -> Clone:
    return made.copy_to(tmp_path / "toy")


@pytest.fixture(scope="module")
def page(made: Clone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page for tests after which it is as it was."""
    with serve_start(made.copy_to(tmp_path_factory.mktemp("start") / "toy")) as page:
        yield page


def wait_until(holds: Callable[[], Any]) -> Any:
    last = time.monotonic() + WAIT_S
    while not (found := holds()):
        assert time.monotonic() < last
        time.sleep(0.05)
    return found


def job_of(page: Page) -> Any:
    return page.read("/api/log/toy")


def runner_of(page: Page) -> int:
    running = page.folder / ".dvc/tmp/jobs/running.json"
    return int(wait_until(lambda: json.loads(running.read_text())["pid"]))


def test_the_whole_loop_without_a_terminal(browser: "Browser", toy: Clone) -> None:
    toy.set_param("find_issues", "budget", 5, dataset="toy")
    with serve_start(toy) as page:
        tab = open_start(browser, page)
        card = tab.locator(".card")
        expect(card).to_contain_text("120")
        expect(card).to_contain_text("Would run: check")
        press(tab, "Run")
        wait_for_end(tab)
        wait_for_log(tab, "find_issues: toy: 5 of 120 rows flagged")
        expect(tab.locator("#job-title")).to_have_text("toy: dvc --wait-for-lock repro report@toy")
        expect(tab.locator("#job-stages [data-state=waiting]")).to_have_count(0)
        expect(card).to_contain_text("flagged5")
        expect(card).to_contain_text("up to date")

        tab.get_by_role("link", name="Review of toy").click()
        wait_until_ready(tab)
        for place, key in enumerate("aakkx", start=1):
            tab.keyboard.press(key)
            tab.locator("#progress-text", has_text=f"{place} of 5 decided").wait_for()
        expect(tab.locator("#progress-text")).to_contain_text("done: go to all data sets")
        tab.get_by_role("link", name="All data sets").click()
        expect(card).to_contain_text("decided5")
        expect(card.get_by_role("button", name="Apply")).to_have_class("main")

        press(tab, "Apply")
        wait_for_end(tab)
        wait_for_log(tab, "5 decided on by people")
        wait_for_log(tab, "3 rows changed: 2 relabelled, 1 removed")
        assert "fetch@toy" not in tab.locator("#job-log").inner_text()
        changes = tab.locator("#job-changes").get_attribute("href")
        assert tab.request.get(page.origin + changes).text().count("<li") == 3
        tab.goto(page.origin + changes)
        expect(tab.locator("h1")).to_have_text("toy: HEAD → the working tree")
        # its styles hold, and it may run nothing
        assert tab.evaluate("getComputedStyle(document.querySelector('ul')).display") == "grid"
        tab.goto(f"{page.origin}/report/toy")
        expect(tab.locator("h1")).to_contain_text("toy")
        tab.goto(page.origin)

        for form, suffix in (("csv", "toy-labels.csv"), ("jsonl", "toy-labels.jsonl")):
            card.get_by_label("Form of toy").select_option(form)
            press(tab, "Export")
            expect(tab.locator("#job-title")).to_contain_text(f"--as {form}")
            wait_for_end(tab)
            with tab.expect_download() as download:
                tab.get_by_role("link", name="Save the file").click()
            assert download.value.suggested_filename == suffix
            rows = read_rows(Path(download.value.path()), form)
            assert len(rows) == 119
            assert sum(row["label"] != row["given_label"] for row in rows) == 2

        press(tab, "Plan a certificate")
        wait_for_end(tab)
        tab.get_by_role("link", name="Certify of toy").click()
        wait_until_ready(tab)
        expect(tab.locator(".asked")).to_be_visible()
        assert tab.complaints == []


def read_rows(path: Path, form: str) -> list[dict[str, str]]:
    text = path.read_text()
    if form == "jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return list(csv.DictReader(io.StringIO(text)))


def test_two_tabs_and_a_stop(browser: "Browser", toy: Clone) -> None:
    make_slow(toy, "check")
    with serve_start(toy) as page:
        first, second = open_start(browser, page), open_start(browser, page)
        press(first, "Run")
        wait_for_log(first, "slow: toy: a line")
        wait_for_log(second, "slow: toy: a line")
        expect(first.locator("#job-state")).to_have_text("check, 1 of 15 stages")
        expect(second.get_by_role("button", name="Apply toy")).to_be_disabled()
        refused, said = page.post("/api/start", job="export", dataset="toy", form="csv")
        assert refused == 409
        assert said["error"] == "one thing at a time: run is at work on toy: wait for its end, or stop it"
        first.close()
        second.reload()
        wait_for_log(second, "$ dvc --wait-for-lock repro report@toy")
        wait_for_log(second, "slow: toy: a line")
        second.locator("#job-stop").click()
        wait_for_end(second, "stopped")
        expect(second.get_by_role("button", name="Run toy")).to_be_enabled()
        assert second.complaints == []
    assert toy.run("git", "status", "--porcelain") == " M dvc.yaml\n"


def test_a_killed_server_is_followed_by_one_that_finds_what_runs(toy: Clone) -> None:
    make_slow(toy, "check")
    with serve_start(toy) as page:
        page.post("/api/start", job="run", dataset="toy")
        wait_until(lambda: "slow: toy: a line" in job_of(page)["lines"])
        page.process.send_signal(signal.SIGKILL)
        page.process.wait()
    with serve_start(toy) as page:
        assert page.read("/api/start")["running"] == "toy"
        assert job_of(page)["state"] == "running"
        assert job_of(page)["lines"][0] == "$ dvc --wait-for-lock repro report@toy"
        assert page.post("/api/start", job="run", dataset="toy")[0] == 409
        # Ctrl+C ends the page alone, and says so
        page.process.send_signal(signal.SIGINT)
        assert page.process.stdout is not None
        assert "still at work" in page.process.stdout.read()
        page.process.wait()
    with serve_start(toy) as page:
        assert page.post("/api/stop", dataset="toy")[0] == 200
        wait_until(lambda: job_of(page)["state"] == "stopped")
        assert page.read("/api/start")["running"] is None


def test_what_a_killed_job_has_started_ends_with_it(toy: Clone) -> None:
    make_slow(toy, "clean")
    with serve_start(toy) as page:
        page.post("/api/start", job="run", dataset="toy")
        wait_until(lambda: "slow: toy: a line" in job_of(page)["lines"])
        os.kill(runner_of(page), signal.SIGKILL)
        wait_until(lambda: job_of(page)["state"] == "killed")
        wait_until(lambda: any("failed to reproduce 'clean@toy'" in line for line in job_of(page)["lines"]))
        assert page.read("/api/start")["running"] is None
    toy.run("git", "checkout", "--quiet", "dvc.yaml")
    assert "Data and pipelines are up to date" in toy.run("dvc", "status", "report@toy")


def test_a_stage_that_fails_says_why(browser: "Browser", toy: Clone) -> None:
    toy.set_param("split", "folds", 1, dataset="toy")
    with serve_start(toy) as page:
        tab = open_start(browser, page)
        press(tab, "Run")
        wait_for_end(tab, "failed")
        expect(tab.locator("#job-state")).to_contain_text(
            "failed at check: check: toy: error: params.yaml: toy.split.folds"
        )
        expect(tab.locator("#job-stages [data-state=failed]")).to_have_text("✗ check")
        assert tab.complaints == []


def test_a_job_waits_for_a_dvc_in_a_terminal(browser: "Browser", toy: Clone) -> None:
    make_slow(toy, "check")
    terminal = start_python("-m", "dvc", "repro", folder=toy.folder, env={"PATH": find_programs(os.environ["PATH"])})
    try:
        assert terminal.stdout is not None
        next(line for line in terminal.stdout if line.startswith("slow"))
        with serve_start(toy) as page:
            wait_until(lambda: page.read("/api/start")["elsewhere"])
            tab = open_start(browser, page)
            press(tab, "Run")
            expect(tab.locator("#job-state")).to_contain_text("waits for another DVC command (process ")
            assert job_of(page)["commands"] == ["dvc --wait-for-lock repro report@toy"]
            tab.locator("#job-stop").click()
            wait_for_end(tab, "stopped")
            assert not any(line.startswith("Running") for line in job_of(page)["lines"])
            assert terminal.poll() is None
    finally:
        os.killpg(terminal.pid, signal.SIGINT)
        terminal.wait()


def test_nothing_is_decided_while_a_stage_reads_the_decisions(toy: Clone) -> None:
    make_slow(toy, "clean")
    with serve_start(toy) as page:
        row = page.read("/review/toy/api/session")["rows"][0]
        choice = {"reviewer": "Ann", "rows": [{"id": row["id"], "decision": "keep"}]}
        assert page.post("/review/toy/api/decisions", **choice)[0] == 200
        page.post("/api/start", job="run", dataset="toy")
        wait_until(lambda: "slow: toy: a line" in job_of(page)["lines"])
        before = toy.path("data/toy/decisions.csv").read_bytes()
        for path, sent in (("decisions", choice), ("undo", {"reviewer": "Ann"})):
            status, said = page.post(f"/review/toy/api/{path}", **sent)
            assert (status, said["error"]) == (409, "clean is reading the decisions on toy; choose again in a moment")
        assert toy.path("data/toy/decisions.csv").read_bytes() == before


@pytest.mark.parametrize("path", ["/", "/api/start", "/api/log/toy", "/report/toy", "/review/toy/", "/start/main.js"])
def test_nothing_is_told_without_the_token(page: Page, path: str) -> None:
    assert page.request("GET", path).status == 401
    assert page.request("GET", path, Cookie=page.cookie, Host="evil.example").status == 421


@pytest.mark.parametrize(
    ("path", "sent"), [("/api/start", {"job": "run", "dataset": "toy"}), ("/api/stop", {"dataset": "toy"})]
)
def test_only_the_page_itself_starts_anything(page: Page, path: str, sent: dict[str, str]) -> None:
    body = json.dumps(sent).encode()
    for headers in (
        {"Origin": page.origin},
        {"Origin": page.origin, "Content_Type": "text/plain"},
        {"Origin": "http://evil.example", "Content_Type": "application/json"},
        {"Content_Type": "application/json"},
    ):
        assert page.request("POST", path, body, Cookie=page.cookie, **headers).status == 403
    assert page.read("/api/start")["running"] is None
    assert page.get("/api/log/toy").status == 404


def test_what_does_not_fit_is_refused_in_one_line(page: Page) -> None:
    for sent, status in (
        ({"job": "run", "dataset": "mnist"}, 409),
        ({"job": "run", "dataset": "toy; touch PWNED"}, 409),
        ({"job": "rm", "dataset": "toy"}, 404),
        ({"job": "export", "dataset": "toy", "form": "--help"}, 409),
        ({"job": "plan", "dataset": "toy", "form": "100%"}, 409),
        ({"job": "run"}, 400),
        ({"job": "run", "dataset": "toy", "command": "x"}, 400),
    ):
        answer = page.post("/api/start", **sent)
        assert answer[0] == status, answer
        assert "\n" not in answer[1]["error"]
    assert page.post("/api/stop", dataset="toy") == (409, {"error": "nothing runs on toy"})
    for path in (
        "/start/../server.py",
        "/start/%2e%2e/server.py",
        "/page/%2e%2e/guard.py",
        "/report/..",
        "/exported/toy",
        "/review/mnist/",
        "/changes/toy",
    ):
        assert page.get(path).status in (404, 409), path
    assert not (page.folder / "PWNED").exists()


def test_a_data_set_that_has_not_run_yet(browser: "Browser", toy: Clone) -> None:
    params = yaml.safe_load(toy.path("params.yaml").read_text())
    write_yaml(toy.path("params.yaml"), {**params, "datasets": ["toy", "new", "gone"], "new": params["toy"]})
    with serve_start(toy) as page:
        tab = open_start(browser, page)
        new, gone = tab.locator("[aria-label=new]"), tab.locator("[aria-label=gone]")
        expect(new).to_contain_text("Not run here yet. Would run: audit, certify, check,")
        expect(new.get_by_role("link")).to_have_count(0)
        expect(new.get_by_role("button")).to_have_count(1)
        expect(gone).to_contain_text("no block for the data set 'gone'")
        expect(gone.get_by_role("button")).to_have_count(0)
        answer = page.get("/review/new/")
        assert answer.status == 409
        assert "`dvc repro` makes it" in answer.read().decode()


def test_a_params_file_that_is_broken_is_told_and_mended(browser: "Browser", toy: Clone) -> None:
    worst = read_table(toy.path("data/toy/issues.csv")).iloc[0]
    with toy.path("data/toy/decisions.csv").open("a") as file:
        file.write(f"{worst['id']},{worst['given_label']},unsure,,Ann\n")
    with serve_start(toy) as page:
        tab = open_start(browser, page)
        # who is not sure has not decided
        expect(tab.locator(".card .facts")).to_contain_text("decided0not sure1")
        whole = toy.path("params.yaml").read_text()
        toy.path("params.yaml").write_text("datasets: [\n")
        expect(tab.locator("#banner")).to_contain_text("params.yaml: not valid YAML")
        toy.path("params.yaml").write_text(whole)
        expect(tab.locator("#banner")).to_be_hidden()
        expect(tab.locator(".card")).to_contain_text("120")


@pytest.mark.parametrize("options", [
    {"viewport": {"width": 390, "height": 844}, "has_touch": True, "color_scheme": "dark"},
    {"viewport": {"width": 1280, "height": 800}, "forced_colors": "active"},
])  # fmt: skip
def test_small_and_forced(browser: "Browser", page: Page, options: dict[str, Any]) -> None:
    tab = open_start(browser, page, **options)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Review"
    assert tab.complaints == []


@pytest.mark.parametrize("option", [["--certify"], ["--auto", "1%"], ["--known", "5%"]])
def test_what_is_for_one_data_set_needs_its_name(made: Clone, option: list[str]) -> None:
    assert "review: error: --certify, --auto and --known are for one data set" in made.run(
        "python", "-m", "review", *option, code=2
    )
