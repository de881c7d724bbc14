"""Several annotators: what they said is kept whole, and joined with the model into a consensus."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cleanlab.multiannotator import get_label_quality_multiannotator

from dataset.against import list_faults
from stages.artifacts.annotations import (
    OTHER,
    Annotations,
    read_annotations,
    read_consensus,
    read_times,
    vote,
    vote_names,
)
from stages.artifacts.decisions import COLUMNS, CONTENT, Decision, parse_decisions
from stages.artifacts.files import data_folder, read_table
from stages.artifacts.held import hold_decided
from stages.check.__main__ import check_block
from stages.consensus import estimate
from stages.consensus.choice import CROWDLAB, DAWID_SKENE, MAJORITY, Method, find_consensus
from stages.consensus.crowdlab import run_crowdlab
from stages.consensus.dawid_skene import LEAST, MOST_STEPS, PRIOR, TOLERANCE, run_dawid_skene
from stages.consensus.estimate import Estimate
from stages.consensus.settle import settle
from stages.preprocess.annotations import number_annotations
from tests.sources import Block, run, write_block

CLASSES = ["cat", "dog"]
PART = (
    "check",
    "fetch",
    "preprocess",
    "embed",
    "inspect",
    "split",
    "crossval_predict",
    "consensus",
    "find_issues",
    "clean",
)
N_ROWS = 60
QUALITIES = {"ann": 0.95, "bob": 0.9, "cy": 0.85, "spam": 0.5}


def annotate(true: np.ndarray, n_classes: int, qualities: list[float], most: int, seed: int = 0) -> Annotations:
    """Let 1 to ``most`` annotators of some qualities label each row; where they err, any other class is as likely."""
    rng = np.random.default_rng(seed)
    said = [
        (row, who, label if rng.random() < qualities[who] else (label + rng.integers(1, n_classes)) % n_classes)
        for row, label in enumerate(true)
        for who in sorted(rng.choice(len(qualities), rng.integers(1, most + 1), replace=False))
    ]
    rows, annotators, labels = np.array(said, dtype=np.int32).T
    return Annotations(rows, annotators, labels, [f"a{number:02}" for number in range(len(qualities))], len(true))


def predict(true: np.ndarray, n_classes: int, strength: float) -> np.ndarray:
    """Make probabilities that favour the true class, the more so the stronger the model."""
    probs = np.random.default_rng(1).dirichlet(np.ones(n_classes), len(true))
    probs[np.arange(len(true)), true] += strength
    normed: np.ndarray = (probs / probs.sum(axis=1, keepdims=True)).astype(np.float32)
    return normed


def write_source(folder: Path) -> Block:
    """Write a table with a column for each annotator, whose cells have gaps, and return the block that takes it."""
    rng = np.random.default_rng(0)
    true = rng.integers(0, 2, N_ROWS)
    cells = {}
    for name, quality in QUALITIES.items():
        said = np.array(CLASSES, dtype=object)[np.where(rng.random(N_ROWS) < quality, true, 1 - true)]
        cells[name] = np.where(rng.random(N_ROWS) < 0.25, "", said)
        cells[name][:2] = ""
    cells["ann"][1] = "cat"  # the first row has no annotation, the second has one
    table = pd.DataFrame({"key": [f"k{row}" for row in range(N_ROWS)], "size": true * 4 + rng.normal(size=N_ROWS)})
    table.assign(**cells).to_csv(folder / "data.csv", index=False)
    table.assign(animal="cat").to_csv(folder / "plain.csv", index=False)
    table.assign(**cells).melt(["key"], list(QUALITIES), "annotator", "label").rename(columns={"key": "id"}).assign(
        time="2026-01-02T03:04:05Z"
    ).to_csv(folder / "long.csv", index=False)
    return {
        "fetch": {"sources": ["csv:data.csv"], "id": "key", "label": list(QUALITIES)},
        "preprocess": {"unlabelled": "leave_out"},
        "crossval_predict": {"model": "logistic_regression"},
    }


@pytest.mark.parametrize(
    ("said", "winners", "tied"),
    {
        "most": ([(0, 1), (0, 1), (0, 0)], [1], [False]),
        "tie goes to the commoner class": ([(0, 0), (0, 1), (1, 1), (1, 1)], [1, 1], [True, False]),
        "then to the first": ([(0, 1), (0, 0)], [0], [True]),
        "nobody": ([(1, 1)], [-1, 1], [False, False]),
        "another class alone": ([(0, OTHER)], [-1], [False]),
        "none at all": ([], [-1], [False]),
    }.values(),
)
def test_vote(said: list[tuple[int, int]], winners: list[int], tied: list[bool]) -> None:
    rows, labels = np.array(said, dtype=np.int32).reshape(-1, 2).T
    found = vote(rows, labels, len(winners))
    assert [values.tolist() for values in found] == [winners, tied]


@pytest.mark.parametrize("n_classes", [2, 5])
def test_crowdlab_gives_the_figures_of_cleanlab(n_classes: int) -> None:
    true = np.random.default_rng(0).integers(0, n_classes, 300)
    said, pred_probs = (
        annotate(true, n_classes, [0.9, 0.8, 0.7, 0.6, 1 / n_classes], most=4),
        predict(true, n_classes, 0.7),
    )
    matrix = np.full((300, 5), np.nan)
    matrix[said.rows, said.annotators] = said.labels
    expected = get_label_quality_multiannotator(matrix, pred_probs, verbose=False)
    found = run_crowdlab(said, pred_probs)
    rows = expected["label_quality"]
    assert found.labels.tolist() == rows["consensus_label"].tolist()
    assert found.distribution[np.arange(300), found.labels] == pytest.approx(rows["consensus_quality_score"].to_numpy())
    assert found.rate(said) == pytest.approx(expected["detailed_label_quality"].to_numpy()[said.rows, said.annotators])
    assert found.annotators == pytest.approx(expected["annotator_stats"].sort_index()["annotator_quality"].to_numpy())


def test_dawid_and_skene_know_whom_to_believe() -> None:
    true = np.random.default_rng(0).integers(0, 3, 400)
    said = annotate(true, 3, [0.95, 0.9, 0.35, 0.34, 0.33], most=5)
    found = run_dawid_skene(said, 3)
    voted, _ = vote(said.rows, said.labels, said.n_rows)
    assert (found.labels == true).mean() > (voted == true).mean() + 0.05
    assert found.annotators[:2].min() > found.annotators[2:].max()
    assert found.distribution.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize(
    ("n_rows", "n_classes", "qualities", "most"),
    [
        (400, 3, [0.95, 0.9, 0.35, 0.34, 0.33], 5),
        (3000, 20, [0.8] * 5, 5),
        (600, 2, [0.6] * 8, 3),
        (300, 4, [0.9], 1),
    ],
)
def test_rows_that_rest_change_nothing(n_rows: int, n_classes: int, qualities: list[float], most: int) -> None:
    said = annotate(np.random.default_rng(0).integers(0, n_classes, n_rows), n_classes, qualities, most)
    # some rows without a label, and labels of a class that no row has
    kept = said.rows % 50 != 0
    labels = np.where(said.rows % 77 == 1, OTHER, said.labels)
    said = replace(said, rows=said.rows[kept], annotators=said.annotators[kept], labels=labels[kept])
    found, probs = run_dawid_skene(said, n_classes), take_all_steps(said, n_classes)
    has_any = said.count_by_row() > 0
    assert found.distribution[has_any] == pytest.approx(probs[has_any], abs=5e-6)
    assert found.labels.tolist() == np.where(has_any, probs.argmax(axis=1), OTHER).tolist()


def take_all_steps(said: Annotations, n_classes: int) -> np.ndarray:
    """Return what Dawid and Skene's model gives if each step takes all rows, in double precision, written plainly."""
    n_annotators = len(said.names)
    has_any = said.count_by_row() > 0
    probs = np.zeros((said.n_rows, n_classes))
    named = said.labels >= 0
    np.add.at(probs, (said.rows[named], said.labels[named]), 1)
    probs /= np.maximum(said.count_by_row(), 1)[:, None]
    for _ in range(MOST_STEPS):
        # the last of what is said is any class that no row has
        counts = np.zeros((n_annotators, n_classes + 1, n_classes))
        np.add.at(counts, (said.annotators, said.labels), probs[said.rows])
        pooled = counts.sum(axis=0)
        hits = np.trace(pooled) / pooled.sum()
        average = np.full(pooled.shape, (1 - hits) / n_classes)
        average[np.diag_indices(n_classes)] = hits
        confusion = (counts + PRIOR * average) / (counts + PRIOR * average).sum(axis=1, keepdims=True)
        logs = np.zeros_like(probs) + np.log(np.maximum(probs[has_any].mean(axis=0), LEAST))
        np.add.at(logs, said.rows, np.log(np.maximum(confusion, LEAST))[said.annotators, said.labels])
        before, probs = probs, np.exp(logs - logs.max(axis=1, keepdims=True))
        probs /= probs.sum(axis=1, keepdims=True)
        if np.abs(probs - before)[has_any].max() < TOLERANCE:
            break
    return probs


@pytest.mark.parametrize("run", [CROWDLAB.run, DAWID_SKENE.run])
def test_blocks_of_rows_change_nothing(
    run: Callable[[Annotations, np.ndarray], Estimate], monkeypatch: pytest.MonkeyPatch
) -> None:
    true = np.random.default_rng(0).integers(0, 4, 200)
    said, pred_probs = annotate(true, 4, [0.9, 0.8, 0.6, 0.5], most=4), predict(true, 4, 0.3)
    whole = run(said, pred_probs)
    monkeypatch.setattr(estimate, "BLOCK_CELLS", 28)
    parts = run(said, pred_probs)
    assert parts.labels.tolist() == whole.labels.tolist()
    assert parts.distribution == pytest.approx(whole.distribution, abs=1e-7)
    assert parts.annotators == pytest.approx(whole.annotators)


@pytest.mark.parametrize(
    ("most", "strength", "method"), [(4, 0.7, CROWDLAB), (4, 0.0, DAWID_SKENE), (1, 0.7, MAJORITY)]
)
def test_the_method_fits_what_is_known(most: int, strength: float, method: Method) -> None:
    true = np.random.default_rng(0).integers(0, 3, 200)
    said = annotate(true, 3, [0.9, 0.8, 0.8, 0.7], most)
    pred_probs = predict(true, 3, strength)
    chosen = find_consensus(said, pred_probs, vote(said.rows, said.labels, said.n_rows)[0])
    assert chosen.method == method
    assert chosen.why
    assert chosen.estimate.labels.tolist() == method.run(said, pred_probs).labels.tolist()


@pytest.mark.parametrize(("n_wrong", "method"), [(0, CROWDLAB), (60, CROWDLAB), (300, DAWID_SKENE)])
def test_a_vote_that_is_worse_than_the_model_says_little_of_it(n_wrong: int, method: Method) -> None:
    true = np.random.default_rng(0).integers(0, 2, 400)
    # three who know next to nothing outvote one who does
    said = annotate(true, 2, [0.97, 0.97, 0.5, 0.5, 0.5, 0.5], most=6)
    suggested = np.where(np.arange(400) < n_wrong, 1 - true, true)
    pred_probs = np.where(suggested[:, None] == np.arange(2), 0.9, 0.1).astype(np.float32)
    chosen = find_consensus(said, pred_probs, vote(said.rows, said.labels, said.n_rows)[0])
    assert chosen.method == method


def test_the_vote_is_kept_where_a_class_would_be_lost_or_was_not_learned() -> None:
    voted, trained = np.array([0, 0, 1, 2, -1]), np.array([0, 0, 1, -1, -1])
    found = Estimate(np.array([0, 2, 0, 0, 1]), np.empty((5, 3)), np.empty(0))
    labels, held = settle(found, voted, trained, 3)
    assert (labels.tolist(), held) == ([0, 0, 1, 2, -1], 4)


def test_annotations_of_other_classes_and_rows() -> None:
    said = pd.DataFrame({"id": ["b", "a", "gone", "a"], "annotator": ["y", "y", "y", "x"], "label": [*"PQPR"]})
    found = number_annotations(said, pd.Series(["a", "b"]), ["P", "Q"])
    assert found.names == ["x", "y"]
    assert np.column_stack([found.rows, found.annotators, found.labels]).tolist() == [
        [0, 0, OTHER],
        [0, 1, 1],
        [1, 1, 0],
    ]
    assert vote_names(pd.Series(["a", "b", "c"]), said.iloc[:2]).tolist() == ["Q", "P", ""]


@pytest.mark.parametrize(
    ("lines", "holds"),
    {
        "an annotator has the label": (["a,dog,keep,,me"], "dog"),
        "whatever was decided": (["a,dog,relabel,cat,me"], "dog"),
        "none has it": (["b,dog,keep,,me"], "cat"),
        "none had it, the model brought it in": (["b,dog,keep,,me,,,dog"], "dog"),
        "unsure decides nothing": (["a,dog,unsure,,me"], "cat"),
        "taken back": (["a,dog,keep,,me", "a,dog,undo,,me"], "cat"),
        "taken back, and another stands": (["a,dog,keep,,you", "a,cat,keep,,me", "a,cat,undo,,me"], "dog"),
        "the last one counts": (["a,dog,keep,,you,2026-01-02", "a,cat,keep,,me,2026-01-01"], "dog"),
        "another class": (["a,cow,keep,,me,,,cow"], "cat"),
        "a row that is not there": (["gone,dog,keep,,me"], "cat"),
        "a picture that lies elsewhere": (["old/a,dog,keep,,me,,,,,,aa"], "dog"),
    }.values(),
)
def test_what_people_decided_holds_the_label_that_they_saw(lines: list[str], holds: str) -> None:
    said = Annotations(*np.array([[0, 0, 1], [0, 1, 0], [0, 1, 0]], dtype=np.int32), names=["x", "y"], n_rows=3)  # type: ignore[misc]
    table = pd.DataFrame({"id": ["a", "b", "c"], "content": ["aa", "bb", "cc"]})
    head = ",".join((*COLUMNS, CONTENT))
    decisions = parse_decisions(Path("decisions.csv"), "\n".join([head, *lines]).encode())
    held = hold_decided(np.array([0, 0, -1]), said, table, CLASSES, decisions)
    row = "b" if lines[0].startswith("b") else "a"
    expected = [CLASSES.index(holds) if name == row else 0 for name in "ab"]
    assert held.tolist() == [*expected, -1]


def test_a_row_without_annotations_gets_no_label_by_a_decision() -> None:
    said = Annotations(*np.array([[0], [0], [0]], dtype=np.int32), names=["x"], n_rows=2)  # type: ignore[misc]
    decisions = [Decision("b", "dog", "keep", "", "me", suggested_label="dog")]
    assert hold_decided(np.array([0, -1]), said, pd.DataFrame({"id": ["a", "b"]}), CLASSES, decisions)[1] == -1


@pytest.mark.parametrize("form", ["columns", "long", "label studio"])
def test_annotators_from_the_source_to_the_cleaned_labels(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = write_source(tmp_path)
    if form != "columns":
        block["fetch"] = {"sources": ["csv:plain.csv"], "id": "key", "label": "animal", "annotations": "long.csv"}
    if form == "label studio":
        block["fetch"]["annotations"] = "export.json"
        (tmp_path / "export.json").write_text(json.dumps(to_tasks(read_table(tmp_path / "long.csv"))))
    write_block(tmp_path, block)
    assert [run(tmp_path, stage, monkeypatch) for stage in PART] == [0] * len(PART), capsys.readouterr().err
    folder = data_folder("toy")
    said, consensus, cleaned = (
        read_annotations(folder),
        read_consensus(folder),
        read_table(folder / "cleaned/labels.csv"),
    )
    assert said is not None
    assert consensus is not None
    assert said.names == sorted({*read_table(folder / "raw/annotations.csv")["annotator"]})
    assert {*read_times(folder, said)} == ({""} if form == "columns" else {"2026-01-02T03:04:05Z"})
    assert cleaned["given_label"].tolist() == consensus.rows["label"].tolist()
    assert consensus.annotators["quality"].idxmin() == 3
    assert consensus.rows.loc[0, "annotations"] == 1
    soft = np.load(folder / "cleaned/label_distribution.npy")
    assert soft == pytest.approx(consensus.distribution)
    assert "label_distribution.npy" in (folder / "cleaned/SHA256SUMS").read_text()


def to_tasks(table: pd.DataFrame) -> list[dict[str, object]]:
    """Bring a long table into the form of Label Studio's export; an empty label is a skipped annotation."""
    people = {name: {"id": number, "email": name} for number, name in enumerate(QUALITIES)}
    return [
        {
            "id": number,
            "data": {"key": row_id},
            "annotations": [
                {
                    "completed_by": people[said["annotator"]],
                    "was_cancelled": not said["label"],
                    "result": [{"value": {"choices": [said["label"]]}}] if said["label"] else [],
                    "updated_at": said["time"],
                }
                for said in same.to_dict("records")
            ],
        }
        for number, (row_id, same) in enumerate(table.groupby("id", sort=False))
    ]


def test_a_second_round_holds_what_people_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = write_source(tmp_path)
    write_block(tmp_path, block | {"split": {"labels": "decided"}})
    assert [run(tmp_path, stage, monkeypatch) for stage in PART] == [0] * len(PART)
    folder = data_folder("toy")
    rows = read_consensus(folder).rows  # type: ignore[union-attr]
    changed = rows[(rows["label"] != rows["majority"]) & (rows["agreement"] > 0)]
    assert len(changed) > 1
    (kept, label), (moved, other) = changed[["id", "label"]].head(2).itertuples(index=False)
    new = "dog" if other == "cat" else "cat"
    with (folder / "decisions.csv").open("a") as file:
        file.write(f"{kept},{label},keep,,me\n{moved},{other},relabel,{new},me\n")
    again = PART[PART.index("split") :]
    assert [run(tmp_path, stage, monkeypatch) for stage in again] == [0] * len(again)
    trained = np.array(CLASSES)[np.load(folder / "training/labels.npy")]
    assert dict(zip(rows["id"], trained, strict=True)).items() >= {kept: label, moved: new}.items()
    cleaned = read_table(folder / "cleaned/labels.csv").set_index("id")
    assert cleaned.loc[[kept, moved], "given_label"].tolist() == [label, other]
    assert cleaned.loc[[kept, moved], "label"].tolist() == [label, new]
    soft = np.load(folder / "cleaned/label_distribution.npy")
    assert soft[cleaned.index.get_loc(moved)].tolist() == [float(name == new) for name in CLASSES]


@pytest.mark.parametrize(
    ("text", "said"),
    {
        "empty": ("", "is empty"),
        "no rows": ("id,annotator,label\n", "no rows below"),
        "no column": ("id,who,label\nk0,a,cat\n", "no column annotator"),
        "a column twice": ("id,annotator,label,label\nk0,a,cat,cat\n", "label"),
        "no label": ("id,annotator,label\nk0,a,\n", "holds no label"),
        "nobody": ("id,annotator,label\nk0, ,cat\n", "annotator is empty in 1 line(s) (id k0)"),
        "twice": (
            "id,annotator,label\nk0,a,cat\nk0,a ,dog\n",
            "more than one label by the same annotator (a on id k0)",
        ),
        "unknown id": ("id,annotator,label\nk0,a,cat\nx,a,dog\n", "1 id(s) that the source has not (x"),
        "time": ("id,annotator,label,time\nk0,a,cat,yesterday\n", "time 'yesterday' is not ISO 8601"),
    }.values(),
)
def test_bad_files_of_annotations_are_told_in_a_line(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block = write_source(tmp_path)
    block["fetch"] = {"sources": ["csv:plain.csv"], "id": "key", "annotations": "bad.csv"}
    (tmp_path / "bad.csv").write_text(text)
    write_block(tmp_path, block)
    assert run(tmp_path, "fetch", monkeypatch) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not (data_folder("toy") / "raw").exists()


@pytest.mark.parametrize(
    ("fetch", "said"),
    {
        "one alone": ({"label": ["ann"]}, "give the name of a column, or a list of two or more"),
        "twice": ({"label": ["ann", "ann"]}, "fetch.label[0] and fetch.label[1] both name 'ann'"),
        "not there": ({"label": ["ann", "bop"]}, "fetch.label[1]: no column is called 'bop' (did you mean 'bob'?)"),
        "both": ({"label": ["ann", "bob"], "annotations": "long.csv"}, "remove one"),
        "file": ({"annotations": "none.csv"}, "fetch.annotations: none.csv is not there"),
        "good": ({"label": ["ann", "bob", "cy"]}, ""),
        "good file": ({"annotations": "long.csv"}, ""),
    }.values(),
)
def test_the_keys_are_checked_before_anything_is_fetched(
    fetch: dict[str, object], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = write_source(tmp_path)
    monkeypatch.chdir(tmp_path)
    block["fetch"] = {"sources": ["csv:data.csv"], "id": "key", **fetch}
    sections, mistakes = check_block("toy", block)
    faults = [*mistakes, *list_faults("toy", sections)[0]]
    assert bool(faults) == bool(said)
    assert said in "".join(faults)
