"""A certificate from its plan to a release: two people's verdicts merged by git, the report, the gate, the note."""

import json
import re

import pandas as pd

from tests.conftest import Clone
from tests.pages import find_block
from tests.test_report import Page

CERTIFICATE = "data/digits/certificate/certificate.json"


def judge(clone: Clone, reviewer: str, first: int) -> None:
    """Let a person find every second drawn row right, on a branch."""
    clone.run("git", "checkout", "--quiet", "-b", reviewer, "main")
    rows = pd.read_csv(clone.path("data/digits/certificate/plan.csv"), dtype=str).iloc[first:220:2]
    with clone.path("data/digits/decisions.csv").open("a") as file:
        for row in rows.itertuples():
            file.write(f"{row.id},{row.label},keep,,{reviewer},2100-01-01T10:00:00Z,,,,\n")
    clone.commit(f"Look at drawn rows, {reviewer}")


def test_a_certificate_from_its_plan_to_a_release(released_copy: Clone) -> None:
    clone = released_copy
    assert json.loads(clone.path(CERTIFICATE).read_text())["state"] == "none"
    lack = "at most 2 % wrong is asked for, and no certificate is planned; `labels certify` plans one\n"
    printed = clone.labels("release", "digits", "1.2.0", "--require-certificate", "2%", code=2)
    assert printed == f"labels: error: {lack}"
    clone.set_param("gate", "max_error_bound", 0.02)
    printed = clone.labels("gate", "digits", "--base", "v1.0.0", code=1)
    assert f"FAILED: {lack[:-1]} (gate.max_error_bound)\n" in printed

    assert "of 1,796 labels (2 %) are wrong." in clone.labels("certify", "digits", "--goal", "2%")
    stale = clone.labels("gate", "digits", "--base", "v1.0.0", code=2)
    assert "certificate.json: is of another plan than plan.json beside it; run `dvc repro`" in stale
    clone.repro()
    clone.commit("Plan a certificate, and ask for it")

    for first, reviewer in enumerate(("ann", "bob")):
        judge(clone, reviewer, first)
    clone.run("git", "checkout", "--quiet", "main")
    for reviewer in ("ann", "bob"):
        clone.run("git", "merge", "--quiet", "--no-edit", reviewer)
    stale = clone.labels("certify", "digits", "--goal", "1%", code=2)
    assert re.fullmatch(r"labels: error: 220 of the decisions in decisions.csv are not applied yet: .*\n", stale)
    assert "220 drawn rows looked at, 0 of them wrong or unsure." in clone.labels("certify", "digits")
    clone.repro()
    certificate = json.loads(clone.path(CERTIFICATE).read_text())
    assert (certificate["state"], certificate["drawn"], certificate["reviewers"]) == ("reached", 220, ["ann", "bob"])
    assert clone.labels("certify", "digits").startswith(
        f"digits: {certificate['sentence']}\nThe goal, at most 35 wrong"
    )
    assert f"OK: {certificate['sentence']} (gate.max_error_bound)\n" in clone.labels("gate", "digits")
    assert re.search(r"certified_share +0\.99\d+ +0\.0\d+", clone.run("dvc", "metrics", "diff", "main"))
    page = Page(clone.path("reports/digits/index.html"))
    assert page.text.count(certificate["headline"]) == 1
    for text in (certificate["sentence"], "What it rests on, and what it does not say:", *certificate["says_not"]):
        assert text in page.text

    clone.commit("Certify the digits")
    clone.run("dvc", "push")
    clone.labels("release", "digits", "1.2.0", "--require-certificate", "0.1%", code=2)
    note = clone.labels("release", "digits", "1.2.0", "--require-certificate", "2%")
    assert note.startswith(
        f"# digits labels 1.2.0\n\n## Certificate\n\n{certificate['text']}\n\n## Changes since v1.1.0"
    )
    lines = note.splitlines()
    assert f"| certificate | {certificate['headline']} |" in lines
    assert "| certified | – | reached |" in lines


def test_a_mistake_of_the_command_line_is_one_line(released_copy: Clone) -> None:
    plan = "is for a plan: add --goal, for instance --goal 1%"
    for arguments, message in {
        ("--again",): f"--again {plan}",
        ("--split", "test"): f"--split {plan}",
        ("--models", "a.csv", "--goal", "1%"): "--models measures on what is planned, so --goal cannot stand beside it",
        ("--goal", "all"): "--goal all: give a share such as 1%, 0.5% or 0.01",
        ("--goal",): "argument --goal: expected one argument; see `python -m labels certify --help`",
    }.items():
        printed = released_copy.labels("certify", "digits", *arguments, code=2)
        assert printed.startswith(f"labels: error: {message}")
        assert printed.count("\n") == 1
    printed = released_copy.labels("release", "digits", "1.2.0", "--require-certificate", "", code=2)
    assert printed == "labels: error: --require-certificate : give a share such as 1%, 0.5% or 0.01\n"


def test_the_page_shows_what_is_printed(clone: Clone) -> None:
    def check(head: str) -> None:
        command, _, shown = find_block("docs/certificates.md", f"$ python -m labels certify digits {head}").partition(
            "\n"
        )
        assert clone.run("sh", "-c", command.removeprefix("$ ")) == shown

    check("--goal 2%")
    with clone.path("data/digits/decisions.csv").open("a") as file:
        for row in pd.read_csv(clone.path("data/digits/certificate/plan.csv"), dtype=str).head(200).itertuples():
            file.write(f"{row.id},{row.label},keep,,ann\n")
    clone.stage("clean")
    labels = pd.read_csv(clone.path("data/digits/cleaned/labels.csv"), dtype=str)[["id", "label"]]
    labels.to_csv(clone.path("good.csv"), index=False)
    labels.loc[labels.index < 100, "label"] = labels["label"].map(lambda label: str((int(label) + 1) % 10))
    labels.to_csv(clone.path("bad.csv"), index=False)
    check("--models good.csv bad.csv")
