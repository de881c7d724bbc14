"""What a release refuses, and what its tag says."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from dvc.lock import Lock

from labels.compare import compare
from labels.note import (
    count_reviewers,
    describe_flags,
    describe_model,
    hide_folders,
    list_changes,
    list_differences,
    name_models,
    write_card,
)
from labels.readiness import describe_work
from labels.versions import LabelVersion
from stages.artifacts.decisions import Decision
from tests.conftest import Clone
from tests.noted import note_work


def test_a_release_is_an_annotated_tag_with_a_note(released: Clone) -> None:
    assert released.run("git", "cat-file", "-t", "digits-labels@v1.1.0") == "tag\n"
    first, second = (
        released.run("git", "tag", "--list", "--format=%(contents)", f"digits-labels@v{version}")
        for version in ("1.0.0", "1.1.0")
    )
    about = json.loads(released.path("data/digits/quality/model.json").read_text())
    start = "# digits labels 1.0.0\n\n## Changes from the given labels\n\n0 rows changed\n\n## Data card\n"
    assert first.startswith(start)
    assert "| reviewed by | nobody |" in first
    assert second.startswith(
        "# digits labels 1.1.0\n\n## Changes since v1.0.0\n\n2 rows changed: 1 relabelled, 1 removed"
    )
    for line in (
        "| 7 | 7 | (removed) | bob | <b>smudged</b> \\| torn |",
        "| decided_by_people | 0 | 3 |",
        "As they were.",
        "| source | sklearn:digits |",
        "| rows | 1,797 |",
        "| relabelled | 1 |",
        "| model | cnn, 5 folds, 2 repeats |",
        "| flagged by | a budget of 1 % |",
        "| certificate | No certificate: nothing is planned. |",
        f"| trust in the model | {about['verdict']}: {' '.join(about['reasons'])} |",
        "| reviewed by | ann (2 rows), bob (1 row) |",
    ):
        assert line in second.splitlines()
    assert re.search(r"^\| sha256 of the content \| [0-9a-f]{64} \|$", second, re.MULTILINE)


def test_differences_of_nested_values_name_what_came_and_went() -> None:
    assert list_differences({"a": 1, "b": None, "same": [1]}, {"c": "x", "same": [1], "a": 0.5}) == [
        ["c", "–", "x"], ["a", "1", "0.5"], ["b", "null", "–"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("parquet:/home/ann/german.parquet", "parquet:german.parquet"),
        ("csv:data/{train,test}.csv", "csv:{train,test}.csv"),
        ("csv:/data/{a/x,b/y}.csv", "csv:{a/x,b/y}.csv"),
        ("images:~/pets/", "images:pets"),
        ("npz:../x.npz", "npz:x.npz"),
        ("timm:/models/net", "timm:net"),
        ("timm:timm/convnext@abc", "timm:timm/convnext@abc"),
        ("csv:s3://pets/a.csv", "csv:s3://pets/a.csv"),
        ("openml:adult@2", "openml:adult@2"),
        ("/home/ann/probs.npy", "probs.npy"),
    ],
)
def test_a_note_names_no_folder_of_this_machine(place: str, shown: str) -> None:
    assert hide_folders(place) == shown
    assert list_differences({"fetch.sources": ["sklearn:digits"]}, {"fetch.sources": [place]}) == [
        ["fetch.sources", '["sklearn:digits"]', json.dumps([shown])]
    ]


def test_a_block_may_leave_sections_out() -> None:
    columns = ["id", "given_label", "label", "status", "by", "decided_by"]
    version = LabelVersion("now", pd.DataFrame([["1", "a", "a", "kept", "", ""]], columns=columns), {})
    card = write_card(
        {"fetch": {"sources": ["csv:data.csv"]}, "clean": None}, version, "No certificate: nothing is planned."
    )
    lines = card.splitlines()
    assert "| flagged rows that nobody decided on | keep |" in lines
    assert "| model | auto |" in lines
    assert "| flagged by | the default rule |" in lines
    assert not any(line.endswith("|  |") for line in lines[4:])
    own = {
        "fetch": {"sources": ["csv:data.csv"]},
        "crossval_predict": {"pred_probs": "probs.csv"},
        "split": {"folds": 0},
    }
    assert "| model | own probabilities, probs.csv |" in write_card(own, version, "").splitlines()


def test_reviewers_are_named_with_what_they_are_sure_of() -> None:
    said = {
        "1": [Decision("1", "a", "keep", "", "ann"), Decision("1", "a", "unsure", "", "bob")],
        "2": [Decision("2", "a", "relabel", "b", "ann")],
        "3": [Decision("3", "a", "unsure", "", "ann")],
    }
    assert count_reviewers(LabelVersion("now", pd.DataFrame(), said)) == [
        "ann (2 rows, 1 not sure)", "bob (0 rows, 1 not sure)",
    ]  # fmt: skip


def test_changed_labels_come_before_rows_that_came_and_went_which_are_counted() -> None:
    columns = ["id", "given_label", "label", "status", "by", "decided_by"]
    old = [["gone", "dog", "dog", "kept", "", ""], *([str(k), "cat", "cat", "kept", "", ""] for k in range(60))]
    new = [[f"new {k}", "owl", "owl", "kept", "", ""] for k in range(70)]
    new += [
        [str(k), "cat", "dog" if k < 55 else "cat", "relabelled" if k < 55 else "kept", "ann", "people"]
        for k in range(60)
    ]
    was, now = (LabelVersion(name, pd.DataFrame(rows, columns=columns), {}) for name, rows in (("a", old), ("b", new)))
    shown, rows, more, by_class = list_changes(compare(was, now))
    assert shown == "126 rows changed: 55 relabelled, 70 added, 1 left"
    assert rows.splitlines()[2] == "| 0 | cat | dog | ann |  |"
    assert len(rows.splitlines()) == 52
    assert more == "The first 50 of 55 are shown."
    assert by_class.splitlines()[2:] == ["| dog | 0 | 1 |", "| owl | 70 | 0 |"]


def test_several_models_are_named() -> None:
    assert name_models(["cnn", {"model": "wide_cnn", "max_epochs": 6}]) == "cnn and wide_cnn"
    assert [name_models(value) for value in ("cnn", 5)] == ["cnn", "5"]


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"flag": "budget", "budget": "1%"}, "a budget of 1 %"),
        ({"budget": "2.5 %"}, "a budget of 2.5 %"),
        ({"budget": 300, "min_yield": 0.5}, "a budget of 300 rows"),
        ({"flag": "yield", "min_yield": 0.6}, "the rule yield, for an error probable by 0.6 or more"),
        ({"min_yield": 0.6}, "the rule yield, for an error probable by 0.6 or more"),
        ({"flag": "noise_rate", "budget": "1%", "min_yield": 0.5}, "the rule noise_rate"),
        ({"flag": "budget"}, "the rule budget"),
        ({"rank_by": "self_confidence"}, "the default rule"),
    ],
)
def test_what_flags_is_named(filters: dict[str, Any], said: str) -> None:
    assert describe_flags(filters) == said


def test_a_model_is_named_with_its_folds() -> None:
    assert describe_model({"model": "tfidf", "folds": 5, "repeats": 1}) == "tfidf, 5 folds, 1 repeat"
    assert describe_model({"pred_probs": "/home/ann/p.csv", "folds": 5}) == "own probabilities, p.csv"


def test_every_reason_against_a_release_is_named_at_once(released_copy: Clone) -> None:
    clone = released_copy
    clone.set_param("clean", "undecided", "remove")
    with clone.path("data/digits/decisions.csv").open("a") as file:
        file.write("5,5,remove,,bob,2026-11-24T11:00:00Z,,,,\n")
    clone.run("dvc", "remote", "remove", "store")
    lines = clone.labels("release", "digits", "1.2", code=2).splitlines()
    expected = [
        "'1.2' is not a semantic version; write it like 1.1.0",
        "not committed: .dvc/config, data/digits/decisions.csv, params.yaml; commit, or put it aside",
        r"not up to date: (\w+@digits, ){2}\w+@digits and 4 more; run `dvc repro` and commit what it changes",
        r"data/digits/decisions.csv holds a conflict on id '5' \(line 2: keep by ann, line 5: remove by bob\)",
        "no DVC remote is configured; `dvc remote add --default NAME URL`, commit .dvc/config, and `dvc push`",
    ]
    assert len(lines) == len(expected)
    for line, reason in zip(lines, expected, strict=True):
        assert re.match(f"labels: error: {reason}", line), line
    assert "1.2" not in clone.run("git", "tag", "--list")


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("1.1.0", "the tag digits-labels@v1.1.0 exists; a version is never moved, take a higher one"),
        ("v1.0.1", "1.0.1 is not above the last release, 1.1.0; take a higher one"),
        ("1.1.0-rc.1", "1.1.0-rc.1 is not above the last release, 1.1.0; take a higher one"),
    ],
)
def test_versions_only_rise(released: Clone, version: str, reason: str) -> None:
    assert released.labels("release", "digits", version, code=2) == f"labels: error: {reason}\n"


def test_a_data_set_that_is_not_listed_is_not_released(released: Clone) -> None:
    assert "'report@mnist' does not exist" in released.labels("release", "mnist", "1.0.0", code=2)


def test_a_release_waits_for_who_is_at_work_while_diff_and_gate_need_not(released_copy: Clone) -> None:
    clone = released_copy
    note_work(clone.folder, str(clone.path("reports/digits/audit.json")), os.getpid())
    printed = clone.labels("release", "digits", "1.2.0", code=2)
    assert printed == (
        f"labels: error: another DVC command is at work (process {os.getpid()}: dvc repro -f); wait until it has "
        "ended, then release again\n"
    )
    with Lock(clone.path(".dvc/tmp/lock")):
        clone.labels("diff", "digits", "v1.0.0")
        clone.labels("gate", "digits", "--base", "digits-labels@v1.1.0")


def test_who_was_at_work_may_have_ended(workplace: Path) -> None:
    assert describe_work([]).endswith("release again, and if this comes back though none is, remove .dvc/tmp/rwlock")


def test_an_unfinished_push_or_a_remote_out_of_reach_stops_a_release(
    released_copy: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a request that nobody answers is by itself repeated for a quarter of a minute
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    clone = released_copy
    store = clone.path("../store")
    shutil.copytree(clone.run("dvc", "config", "remote.store.url").strip(), store)
    clone.run("dvc", "remote", "modify", "--local", "store", "url", str(store))
    lost = hashlib.md5(clone.path("data/digits/cleaned/images.npy").read_bytes()).hexdigest()
    (store / "files/md5" / lost[:2] / lost[2:]).unlink()
    reason = "not on the remote 'store': data/digits/cleaned/images.npy; run `dvc push`"
    assert clone.labels("release", "digits", "1.2.0", code=2) == f"labels: error: {reason}\n"
    clone.run("dvc", "remote", "modify", "--local", "store", "url", "s3://bucket/folder")
    clone.run("dvc", "remote", "modify", "--local", "store", "endpointurl", "http://127.0.0.1:9")
    printed = clone.labels("release", "digits", "1.2.0", code=2)
    assert printed.startswith("labels: error: the remote 'store' could not be asked (dvc data: ")
    assert printed.count("\n") == 1
