"""Plans that are made, kept, given another goal or given up, models on certified labels, and every message."""

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from labels.accuracy import measure_accuracy, measure_difference
from labels.certificate import find_lack, read_current
from labels.certify import measure_models, plan_certificate, show_progress
from stages.certificate.plan import read_plan
from stages.command.errors import InputError
from tests.certificates import BEFORE, Toy


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def nothing(toy: Toy) -> None:
    pass


def plan(toy: Toy, **about: str) -> None:
    plan_certificate("toy", "2%", **about)  # type: ignore[arg-type]


def judge(toy: Toy) -> None:
    plan(toy)
    toy.write(toy.judge(10))


def judge_test_split(toy: Toy) -> None:
    plan(toy, split="test", confidence="90%")
    toy.write(toy.judge(10))


def outdate(toy: Toy) -> None:
    judge(toy)
    toy.rows.loc[299, "given_label"] = "c"
    toy.clean()


def reach_and_outdate(toy: Toy) -> None:
    plan(toy)
    toy.write(toy.judge(299))
    toy.rows.loc[:, "given_label"] = "c"
    toy.clean()


def decide_late(toy: Toy) -> None:
    with (toy.folder / "decisions.csv").open("a") as file:
        file.write("r3,b,keep,,ann,2100-01-01T10:00:00Z\n")


def disagree(toy: Toy) -> None:
    decide_late(toy)
    with (toy.folder / "decisions.csv").open("a") as file:
        file.write("r3,b,remove,,bob,2100-01-01T10:00:00Z\n")


def decide_on_all(toy: Toy) -> None:
    labels = zip(toy.rows["id"], toy.rows["given_label"], strict=True)
    toy.write([[row_id, label, "keep", "", "ann", BEFORE] for row_id, label in labels])


def set_rule(toy: Toy) -> None:
    Path("params.yaml").write_text("toy: {fetch: {sources: ['csv:toy.csv']}, clean: {undecided: remove}}\n")


def run_rule(toy: Toy) -> None:
    toy.clean(undecided="relabel", act_above=0.0)


def lose_quality(toy: Toy) -> None:
    path = toy.folder / "quality" / "label_quality.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def lose_labels(toy: Toy) -> None:
    (toy.folder / "cleaned" / "labels.csv").unlink()


def edit_rows_of_plan(toy: Toy) -> None:
    plan(toy)
    path = toy.folder / "certificate" / "plan.csv"
    path.write_text(path.read_text().replace(",a,", ",b,", 1))


def lose_rows_of_plan(toy: Toy) -> None:
    plan(toy)
    (toy.folder / "certificate" / "plan.csv").unlink()


def break_plan(toy: Toy) -> None:
    plan(toy)
    (toy.folder / "certificate" / "plan.json").write_text("{")


def give_up_nine_plans(toy: Toy) -> None:
    lines: list[list[str]] = []
    for _ in range(9):
        plan_certificate("toy", "2%", again=True)
        lines += toy.judge(1)
        toy.write(lines)


PERCENT = "give a share such as 1%, 0.5% or 0.01"
MISTAKES: dict[str, tuple[Callable[[Toy], None], tuple[str, dict[str, object]], str]] = {
    "no number": (nothing, ("one", {}), f"--goal one: {PERCENT}"),
    "empty": (nothing, ("", {}), f"--goal : {PERCENT}"),
    "nothing wrong": (nothing, ("0%", {}), f"--goal 0%: {PERCENT}"),
    "below 0": (nothing, ("-1%", {}), f"--goal -1%: {PERCENT}"),
    "all": (nothing, ("1", {}), f"--goal 1: {PERCENT}"),
    "more than all": (nothing, ("101%", {}), f"--goal 101%: {PERCENT}"),
    "no finite number": (nothing, ("nan%", {}), f"--goal nan%: {PERCENT}"),
    "less than one label": (
        nothing,
        ("0.3%", {}),
        "--goal 0.3 %: of 300 labels this is less than one; ask for 0.34 % or more",
    ),
    "less than one label of a split": (
        nothing,
        ("0.5%", {"split": "test"}),
        "--goal 0.5 %: of 100 labels this is less than one; ask for 1.00 % or more",
    ),
    "another goal of less than one label": (judge, ("0.1%", {}), "--goal 0.1 %: of 300 labels this is less than one"),
    "confidence in percent": (nothing, ("1%", {"confidence": "95"}), f"--confidence 95: {PERCENT}"),
    "empty confidence": (nothing, ("1%", {"confidence": ""}), f"--confidence : {PERCENT}"),
    "no confidence": (nothing, ("1%", {"confidence": "5%"}), "--confidence 5%: give one from 50 % to 99.9 %, such as"),
    "certainty": (nothing, ("1%", {"confidence": "99.99%"}), "--confidence 99.99%: give one from 50 % to 99.9 %"),
    "unknown split": (
        nothing,
        ("2%", {"split": "tset"}),
        "--split tset: no such split (did you mean 'test'?); there are: test, train",
    ),
    "a rule": (
        set_rule,
        ("2%", {}),
        "params.yaml: toy.clean.undecided is remove: that rule changes labels which nobody has seen",
    ),
    "the rule of an earlier run": (run_rule, ("2%", {}), "toy: the labels were made by another `clean.undecided`: run"),
    "late decisions": (decide_late, ("2%", {}), "1 of the decisions in decisions.csv are not applied yet: run `dvc"),
    "a conflict": (disagree, ("2%", {}), "data/toy/decisions.csv holds a conflict on id 'r3' (line 2: keep by ann"),
    "nothing left": (decide_on_all, ("2%", {}), "people have decided on all 300 rows: there is nothing left to draw"),
    "other rows": (lose_quality, ("2%", {}), "toy: the quality table is of other rows; run `dvc repro`"),
    "no labels": (lose_labels, ("2%", {}), "data/toy/cleaned/labels.csv: not found; `dvc repro` makes it"),
    "a plan that was edited": (
        edit_rows_of_plan,
        ("2%", {}),
        "data/toy/certificate/plan.csv: is not what data/toy/certificate/plan.json says; bring back both with `git",
    ),
    "a plan without its rows": (lose_rows_of_plan, ("2%", {}), "data/toy/certificate/plan.csv: is not what data/toy/"),
    "a plan that is no JSON": (break_plan, ("2%", {}), "data/toy/certificate/plan.csv: is not what data/toy/certific"),
    "another split": (
        judge,
        ("2%", {"split": "test"}),
        "people have looked at 10 drawn rows of the plan for all rows with 95 % confidence; give it another --goal "
        "alone, or add --again for a new plan, whose certificate holds with 5 % less confidence",
    ),
    "another confidence": (
        judge_test_split,
        ("2%", {"confidence": "95%"}),
        "people have looked at 10 drawn rows of the plan for the split test with 90 % confidence; give it another",
    ),
    "changed data": (
        outdate,
        ("2%", {}),
        "people have looked at 10 drawn rows of a plan whose data have changed since; add --again for a new plan, "
        "whose certificate holds with 5 % less confidence",
    ),
    "changed data, once certified": (
        reach_and_outdate,
        ("2%", {}),
        "people have looked at 299 drawn rows of a plan whose data have changed since; add --again for a new plan",
    ),
    "too many plans": (
        give_up_nine_plans,
        ("2%", {"again": True, "confidence": "90%"}),
        "plans that were given up take 45 % off 90 %, which leaves less than 50 %; go on with the plan that there is",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_the_plan_stays(name: str) -> None:
    prepare, (goal, options), message = MISTAKES[name]
    toy = Toy(split=True)
    prepare(toy)
    before = {path: path.read_bytes() for path in (toy.folder / "certificate").iterdir()}
    with pytest.raises(InputError, match=f"^{re.escape(message)}") as caught:
        plan_certificate("toy", goal, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in (toy.folder / "certificate").iterdir()} == before


def test_rows_without_splits_have_none_to_name() -> None:
    Toy()
    with pytest.raises(InputError, match=r"^--split test: toy has no splits; leave it out$"):
        plan_certificate("toy", "2%", split="test")


def test_without_a_plan_there_is_no_progress() -> None:
    Toy()
    with pytest.raises(
        InputError, match=r"^nothing is planned for toy; make a plan, for instance by `python -m labels"
    ):
        show_progress("toy")


@pytest.mark.parametrize("text", ["1%", "1 %", "0.01", " 1% ", "1e-2"])
def test_a_share_is_read(text: str) -> None:
    toy = Toy()
    plan_certificate("toy", text)
    assert toy.plan.goal == 0.01


def test_a_plan_that_people_have_looked_at_gets_another_goal_and_goes_on() -> None:
    toy = Toy()
    judge(toy)
    before = toy.plan
    printed = plan_certificate("toy", "5%")
    assert "The goal, at most 15 wrong labels (5 %), takes " in printed
    assert (toy.plan.goal, toy.plan.order, toy.plan.made) == (0.05, before.order, before.made)
    assert toy.certify()["drawn"] == 10


def test_plans_that_are_given_up_take_from_the_confidence_until_one_is_reached() -> None:
    toy = Toy()
    spent, lines = [], []
    for confidence, judged in (("95%", 1), ("90%", 0), ("95%", 1), ("95%", 280), ("95%", 0)):
        plan_certificate("toy", "2%", confidence=confidence, again=True)
        spent.append(toy.plan.spent)
        lines += toy.judge(judged)
        toy.write(lines)
        certificate = toy.certify()
        assert certificate["confidence"] == pytest.approx(toy.plan.confidence - toy.plan.spent)
    # the second was given up before anyone looked, and the fourth reached its goal
    assert spent == [0, 0.05, 0.05, 0.1, 0]


def test_less_confidence_is_said_everywhere() -> None:
    toy = Toy()
    judge(toy)
    printed = plan_certificate("toy", "2%", again=True)
    assert "planned to show with 95 % confidence, less 5 % for plans that were given up, that at most 6 of" in printed
    toy.write(toy.judge(200))
    certificate = toy.certify()
    assert certificate["sentence"].startswith("With 90 % confidence, at most ")
    assert "wrong (90 %), " in certificate["headline"]
    assert "Plans were given up after people had looked at drawn rows, which takes 5 % off 95 %." in certificate["text"]


def test_an_unsure_row_from_before_the_plan_is_no_look_at_it() -> None:
    toy = Toy()
    plan(toy)
    first = toy.plan.rows.iloc[0]
    toy.write([[first["id"], first["label"], "unsure", "", "ann", BEFORE]])
    assert toy.certify()["drawn"] == 1
    plan(toy, confidence="90%")
    assert toy.plan.spent == 0


def measure_by_hand(
    first: np.ndarray, second: np.ndarray, labels: np.ndarray, open_rows: np.ndarray, most: int
) -> tuple[set[int], set[int]]:
    """Return all numbers of right rows of the first model, and all differences, for any truth that may be."""
    right, more = set(), set()
    for truth in itertools.product(range(3), repeat=len(labels)):
        wrong = np.array(truth) != labels
        if wrong.sum() <= most and not (wrong & ~open_rows).any():
            hits, other = int((first == truth).sum()), int((second == truth).sum())
            right.add(hits)
            more.add(hits - other)
    return right, more


@pytest.mark.parametrize("seed", range(12))
def test_intervals_of_models_are_what_any_truth_gives(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels, first, second = random.integers(0, 3, (3, 6))
    first[:3] = labels[:3]
    open_rows, most = random.random(6) < 0.7, int(random.integers(0, 4))
    right, more = measure_by_hand(first, second, labels, open_rows, most)
    accuracy = measure_accuracy(first == labels, open_rows, most)
    assert (accuracy.low, accuracy.high) == (min(right), max(right))
    difference = measure_difference(first, second, labels, open_rows, most)
    assert (difference.low, difference.high) == (min(more), max(more))


def write_predictions(name: str, toy: Toy, wrong: int, label: str = "c") -> Path:
    """Write the given labels as predictions, but for the last few."""
    path = Path(name)
    predicted = toy.rows[["id"]].assign(label=toy.rows["given_label"])
    predicted.loc[len(predicted) - wrong :, "label"] = label
    predicted.to_csv(path, index=False)
    return path


def test_models_are_measured_on_the_certified_split() -> None:
    toy = Toy(split=True)
    plan_certificate("toy", "4%", split="test")
    toy.write(toy.judge(60))
    most = toy.certify()["bound"]["most"]
    good, near, bad = (
        write_predictions(name, toy, n) for name, n in (("good.csv", 3), ("near.csv", 3), ("bad.csv", 90))
    )
    # on a row on which nobody has decided
    plan, predicted = read_plan(Path("data/toy")), pd.read_csv(near, dtype=str)
    assert plan is not None
    row_id = next(row_id for row_id in plan.rows["id"][60:] if row_id not in set(predicted["id"].tail(3)))
    is_there = predicted["id"] == row_id
    predicted.loc[is_there, "label"] = predicted.loc[is_there, "label"].map({"a": "b"}).fillna("a")
    predicted.to_csv(near, index=False)
    lines = measure_models("toy", [good, near, bad]).splitlines()
    assert lines[0].startswith(f"toy: With 95 % confidence, at most {most} of 100 labels of the split test")
    assert lines[1].startswith("good.csv: right on 99 of 100 rows, 99.00 %; in truth between ")
    assert lines[4].startswith("good.csv against near.csv: not settled; right on +1 rows by the labels, in truth betwe")
    assert lines[5].startswith("good.csv is better than bad.csv: right on 29 rows more, and at least ")
    assert "good.csv is better than bad.csv" in measure_models("toy", [bad, good])


MODELS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no file": (lambda path: path.unlink(), "a.csv: not found; name a CSV file with the columns id and label"),
    "no column": (lambda path: path.write_text("id,prediction\nr0,a\n"), "a.csv: has no column label; a row for each"),
    "empty": (lambda path: path.write_text(""), "a.csv: damaged (No columns to parse from file)"),
    "an id twice": (lambda path: path.write_text(path.read_text() + "r1,a\n"), "a.csv: 1 id(s) stand there twice: r1"),
    "an unknown id": (
        lambda path: path.write_text(path.read_text() + "x,a\n"),
        "a.csv: 1 id(s) are not in the da",
    ),
    "a row less": (
        lambda path: path.write_text(path.read_text().replace("r7,b\n", "")),
        "a.csv: lacks 1 row(s) of those that are certified: r7; add them",
    ),
    "no class": (
        lambda path: path.write_text(path.read_text().replace("r7,b\n", "r7,1\n")),
        "a.csv: '1' is no class; there are: a, b, c",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_mistake_in_predictions_is_one_line(name: str) -> None:
    corrupt, message = MODELS[name]
    toy = Toy()
    judge(toy)
    corrupt(write_predictions("a.csv", toy, 0))
    with pytest.raises(InputError, match=f"^{re.escape(message)}") as caught:
        measure_models("toy", [Path("a.csv")])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (nothing, "nothing is planned for toy; make a plan"),
        (plan, "toy: Nothing is shown yet: nobody has looked at a drawn row. Models are measured on certified labels"),
        (outdate, "toy: The data have changed since the plan was made."),
        (set_rule, "params.yaml: toy.clean.undecided is remove"),
    ],
)
def test_models_need_certified_labels(prepare: Callable[[Toy], None], message: str) -> None:
    toy = Toy()
    prepare(toy)
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        measure_models("toy", [write_predictions("a.csv", toy, 0)])


@pytest.mark.parametrize(
    ("prepare", "most", "lack"),
    [
        (nothing, 0.01, "no certificate is planned; `labels certify` plans one"),
        (plan, 0.5, "nobody has looked at a drawn row; `review --certify` shows them"),
        (judge, 0.01, r"shown is at most \d+\.\d\d % \(with 95 % confidence\); look at more rows"),
        (judge, 0.5, None),
        (judge_test_split, 0.5, "the certificate is about the split test alone; plan one for all rows"),
        (outdate, 0.5, "the data have changed since the certificate was planned; plan again"),
    ],
)
def test_what_is_not_certified_is_named(prepare: Callable[[Toy], None], most: float, lack: str | None) -> None:
    toy = Toy(split=True)
    prepare(toy)
    lacks = list(find_lack(toy.certify(), most))
    assert len(lacks) == (lack is not None)
    assert not lack or re.fullmatch(rf"at most [\d.]+ % wrong is asked for, and {lack}", lacks[0])


DAMAGES = {
    "no JSON": ("{", "damaged (Expecting property name"),
    "no certificate": ("[]", "state must be one of none, open, reached, outdated; remove it and `dvc repro` makes it"),
    "no text": ('{"state": "none", "headline": ""}', "lacks text; remove it and `dvc repro` makes it again"),
    "no bound": (None, "lacks bound; remove it and `dvc repro` makes it again"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_certificate_is_one_line(name: str) -> None:
    text, message = DAMAGES[name]
    toy = Toy()
    judge(toy)
    certificate = toy.certify()
    toy.path.write_text(text or json.dumps({key: value for key, value in certificate.items() if key != "bound"}))
    with pytest.raises(InputError, match=f"^{re.escape(str(toy.path))}: {re.escape(message)}") as caught:
        read_current("toy")
    assert "\n" not in str(caught.value)


def test_a_certificate_is_of_this_plan_and_of_these_labels() -> None:
    toy = Toy()
    judge(toy)
    toy.certify()
    assert read_current("toy")["drawn"] == 10
    toy.write(toy.judge(11))
    with pytest.raises(InputError, match=r"is of other labels than data/toy/cleaned/labels.csv; run `dvc repro`$"):
        read_current("toy")
    plan_certificate("toy", "2%", again=True)
    with pytest.raises(InputError, match=r"is of another plan than plan.json beside it; run `dvc repro`$"):
        read_current("toy")
