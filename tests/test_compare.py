"""Whether cleaning helped: which rows tell, how sure that is, and what is said of it."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from labels.note import write_compared
from stages.artifacts.files import read_table
from stages.certificate.plan import digest_data, make_plan, write_plan
from stages.command.errors import InputError
from stages.compare.__main__ import main
from stages.compare.drawn import Sample, find_chances, read_sample
from stages.compare.few import bound_paired
from stages.compare.interval import Verdict, compare_hits, compare_losses
from stages.compare.measure import count_rows
from stages.compare.rows import NOT_TRAINED, Rows, find_untouched, read_rows
from stages.compare.spread import FEWEST
from stages.compare.training import score_rows
from stages.compare.words import write_about
from tests.certificates import AFTER, BEFORE, CLASSES, Toy
from tests.conftest import Clone
from tests.test_report import Page


def list_compared(clone: Clone, compared: object) -> None:
    params = yaml.safe_load(clone.path("params.yaml").read_text())
    params["digits"]["split"] |= {"folds": 2, "repeats": 1}
    # to import torch for each of eight trainings would take longer than they do
    params["digits"]["crossval_predict"] = {"model": "embedding"}
    clone.path("params.yaml").write_text(yaml.safe_dump({**params, "compared": compared}, sort_keys=False))


def decide(clone: Clone, rows: pd.DataFrame, wrong: int) -> None:
    """Decide on rows, of which the first few are relabelled to what they are not."""
    said = []
    for place, row in enumerate(rows.itertuples()):
        verdict = f"relabel,{(int(str(row.label)) + 1) % 10}" if place < wrong else "keep,"
        said.append(f"{row.id},{row.label},{verdict},ann,2100-01-01T10:00:{place:02}Z,,,,")
    with clone.path("data/digits/decisions.csv").open("a") as file:
        file.writelines(f"{line}\n" for line in said)


def test_the_digits_are_compared_where_they_are_listed(clone: Clone) -> None:
    metrics, table = clone.path("reports/digits/compared.json"), clone.path("data/digits/compared/rows.csv")
    assert (json.loads(metrics.read_text()), len(read_table(table))) == ({}, 0)
    assert "Did cleaning help?" not in Page(clone.path("reports/digits/index.html")).text
    list_compared(clone, [{"digits": {"repeats": 2}}])
    assert "nothing to compare: cleaning changed no label" in clone.stage("compare")
    clone.labels("certify", "digits", "--goal", "5%")
    decide(clone, read_table(clone.path("data/digits/certificate/plan.csv")).head(40), wrong=6)
    clone.repro("clean@digits")
    before = {
        name: clone.path(f"data/digits/{name}").read_bytes() for name in ("prepared/labels.npy", "training/folds.npy")
    }
    printed = clone.repro("compare@digits")
    assert printed.count("out-of-sample accuracy") == 8
    assert printed.index("with the given labels, 1 of 2 times") < printed.index("with the cleaned labels, 2 of 2 times")
    assert {name: clone.path(f"data/digits/{name}").read_bytes() for name in before} == before
    compared = json.loads(metrics.read_text())
    assert (compared["changed"], compared["sets"]["decided"]["rows"], compared["sets"]["drawn"]["rows"]) == (6, 40, 40)
    assert compared["sets"]["drawn"]["title"].startswith("All 1,797 rows, estimated from 40 rows, 40 drawn at random")
    scored = read_table(table).astype({"given_hits": float, "cleaned_hits": float, "decided": float})
    assert scored["cleaned_hits"].mean() == pytest.approx(compared["sets"]["decided"]["accuracy"]["cleaned"], abs=1e-5)
    again = clone.stage("compare")
    assert "trained in" not in again
    assert compared["headline"] in again
    clone.stage("certify")
    clone.stage("report")
    report = Page(clone.path("reports/digits/index.html")).text
    assert "Did cleaning help?" in report
    assert "The 40 rows on which people decided" in report
    assert "cannot tell: the interval holds 0" in report
    assert "| accuracy, % |" in write_compared(compared)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"compared": "digits"}, "params.yaml: compared: must be a list of data sets such as [digits], not 'digits'"),
        ({"compared": ["mnits"]}, "params.yaml: compared: no block for the data set 'mnits' (did you mean 'mnist'?)"),
        ({"compared": [{"digits": {"repeats": 1}}]}, "compared.digits.repeats: 1 is not allowed: input should be"),
        ({"compared": [{"digits": {"repeat": 3}}]}, "compared.digits.repeat: unknown key (did you mean 'repeats'?)"),
        (
            {"compared": ["digits"], "digits": {"crossval_predict": {"pred_probs": "p.npy"}}},
            "digits.crossval_predict.pred_probs: probabilities from elsewhere cannot be predicted anew from cleaned",
        ),
    ],
)
def test_a_mistake_is_named_and_nothing_touched(workplace: Path, changed: dict[str, Any], message: str) -> None:
    params = yaml.safe_load((workplace / "params.yaml").read_text())
    (workplace / "params.yaml").write_text(yaml.safe_dump({**params, **changed}))
    with pytest.raises(InputError, match=re.escape(message)):
        main("digits")
    assert not [path for path in workplace.rglob("*") if path.is_file() and path.name != "params.yaml"]


def test_few_rows_that_differ_have_the_published_interval() -> None:
    # Fagerland, Lydersen and Laake (2014), airway hyper-responsiveness before and after transplantation
    assert bound_paired(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)
    # where no row differs it is as wide as Wilson's interval of none
    assert bound_paired(0, 0, 100) == pytest.approx((-0.03700, 0.03700), abs=1e-5)
    assert bound_paired(5, 0, 5)[1] == 1
    low, high = bound_paired(2, 9, 50)
    assert bound_paired(9, 2, 50) == pytest.approx((-high, -low))


# rows, how many of them differ in favour of each, whether trainings agree on which, luck of a training, weighted
SIMULATED = [
    (60, 0.05, 0.05, 1.0, 0.0, False),
    (200, 0.05, 0.02, 1.0, 0.0, True),
    (1000, 0.01, 0.01, 1.0, 0.0, False),
    (1000, 0.03, 0.02, 0.5, 0.01, True),
    (1000, 0.06, 0.06, 0.5, 0.02, False),
]


@pytest.mark.parametrize(("n_rows", "won", "lost", "same", "luck", "weighted"), SIMULATED)
def test_an_interval_misses_the_truth_in_one_of_twenty_at_most(
    n_rows: int, won: float, lost: float, same: float, luck: float, weighted: bool
) -> None:
    rng = np.random.default_rng(0)
    n_draws, missed = 200, np.zeros(2, dtype=int)
    for _ in range(n_draws):
        weights = rng.choice([1.0, 4.0, 16.0], n_rows) if weighted else np.ones(n_rows)
        chance = np.where(rng.random((n_rows, 1)) < same, rng.random((n_rows, 1)), rng.random((n_rows, 3)))
        run = rng.normal(0, luck, 3)
        given, cleaned = chance >= won + run / 2, chance <= 1 - lost + run / 2
        noise = rng.standard_t(5, (n_rows, 1)) + rng.normal(0, 1, (n_rows, 3)) + 50 * run
        differences = [
            (compare_hits(given, cleaned, (given, given), weights), won - lost),
            (compare_losses(np.zeros((n_rows, 3)), noise, (noise, noise), weights), 0.0),
        ]
        missed += [not difference.low <= truth <= difference.high for difference, truth in differences]
    # the upper end of the 99.9 % binomial interval of 5 % of so many
    assert missed.max() <= 20


def test_changes_that_say_nothing_are_not_told_however_many_rows_they_move() -> None:
    rng, told = np.random.default_rng(0), 0
    for _ in range(200):
        effects = rng.normal(0, 1, 12)
        signs = np.column_stack([rng.permutation(np.repeat([-1, 1], 6)) for _ in range(3)])
        given, noise = np.zeros((2000, 3)), rng.normal(0, 1, (2000, 1))
        cleaned = np.broadcast_to(noise + effects.sum(), given.shape)
        difference = compare_losses(given, cleaned, (given, noise + effects @ signs), np.ones(2000))
        told += difference.judge(more_is_better=True) != Verdict.UNCLEAR
    assert told <= 20


def test_a_few_rows_that_make_the_difference_are_not_believed() -> None:
    losses, nothing = np.zeros((400, 3)), np.zeros((400, 3))
    losses[:5] = 9
    difference = compare_losses(losses, nothing, (nothing, nothing), np.ones(400))
    assert difference.high < 0
    assert difference.judge(more_is_better=False) == Verdict.UNCLEAR
    losses[:200] = 9
    sure = compare_losses(losses, nothing, (nothing, nothing), np.ones(400))
    assert sure.judge(more_is_better=False) == Verdict.BETTER
    assert sure.judge(more_is_better=True) == Verdict.WORSE
    some = slice(190, 190 + FEWEST - 1)
    few = compare_losses(losses[some], nothing[some], (nothing[some], nothing[some]), np.ones(FEWEST - 1))
    assert few.judge(more_is_better=False) == Verdict.UNCLEAR


def test_drawn_rows_stand_for_all(workplace: Path) -> None:
    toy = Toy(3000)
    decided = [["r1", "b", "keep", "", "ann", BEFORE], ["r2", "a", "remove", "", "ann", BEFORE]]
    toy.write(decided)
    about = {"made": "2021-01-01T10:00:00Z", "split": "", "goal": 0.01, "confidence": 0.95, "spent": 0.0}
    data = digest_data(toy.rows["id"], toy.rows["given_label"])
    drawn_from = toy.rows.drop([1, 2]).rename(columns={"given_label": "label"})
    write_plan(toy.folder, make_plan(drawn_from, {**about, "labels": 2999, "decided": 2, "found": 1, "data": data}))
    plan = toy.plan
    assert len(set(plan.weights)) > 1
    chances = find_chances(plan, 400)
    # as many come up as were drawn, and each stands for as many as its chance says
    levels = find_chances(plan, 400)[[int(np.argmax(plan.drawn[:400] == level)) for level in range(len(plan.weights))]]
    assert levels @ plan.counts == pytest.approx(400)
    assert (1 / chances).sum() == pytest.approx(plan.n_rows, rel=0.1)
    assert (find_chances(plan, plan.n_rows) == 1).all()
    labels = read_table(toy.folder / "cleaned" / "labels.csv")
    assert read_sample(toy.folder, labels).lack == "nobody has looked at a row that the certificate drew"
    toy.write([*decided, *toy.judge(399, wrong=5), [*toy.judge(1, first=399)[0][:2], "unsure", "", "ann", AFTER]])
    labels = read_table(toy.folder / "cleaned" / "labels.csv")
    sample = read_sample(toy.folder, labels)
    assert (sample.drawn, sample.stands_for, (sample.weights > 0).sum()) == (400, 3000, 401)
    assert dict(zip(labels["id"], sample.weights, strict=True))["r1"] == 1
    rows = read_rows(toy.folder, CLASSES)
    assert {name: (weights > 0).sum() for name, weights in rows.weights.items()} == {
        "drawn": 400, "decided": 400, "untouched": 0,
    }  # fmt: skip
    toy.rows.loc[5, "given_label"] = "c"
    toy.clean()
    changed = read_sample(toy.folder, read_table(toy.folder / "cleaned" / "labels.csv"))
    assert changed.lack == "the data have changed since the certificate was planned"


def test_a_split_is_untouched_if_none_of_its_labels_was_changed() -> None:
    labels = pd.DataFrame({"given_label": list("abab"), "label": ["a", "b", "", "b"]})
    assert find_untouched(labels)[1] == []
    rows, splits = find_untouched(labels.assign(split=["test", "", "train", "test"]))
    assert (rows.tolist(), splits) == ([True, False, False, True], ["test"])


def test_rare_and_removed_rows_have_no_label_to_score() -> None:
    given, cleaned = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, NOT_TRAINED, 2, 2, 0])
    everyone = np.ones(6, dtype=bool)
    rows = Rows(pd.Series(list("abcdef")), given, cleaned, everyone, everyone, Sample(np.ones(6)), ["test"])
    # class 2 is too rare to be trained on
    rows = rows.take_trained(np.array([0, 0, 1, 1, NOT_TRAINED, NOT_TRAINED]))
    assert rows.cleaned.tolist() == [0, 1, -1, -1, -1, -1]
    assert rows.weights["decided"].tolist() == [1, 1, 0, 0, 0, 0]
    scores = score_rows(np.array([[0.9, 0.1], [1, 0]] + 4 * [[0.5, 0.5]], dtype=np.float32), rows.cleaned)
    assert scores.hits.tolist() == [True] + 5 * [False]
    np.testing.assert_allclose(scores.losses, [-np.log(0.9), 15.94, 0, 0, 0, 0], rtol=1e-3)


def test_where_nothing_can_be_told_it_says_so() -> None:
    nobody = np.zeros(3, dtype=bool)
    lack = Sample(np.zeros(3), lack="no certificate is planned, so no row was drawn at random")
    rows = Rows(pd.Series(list("abc")), np.zeros(3), np.zeros(3), nobody, nobody, lack, [])
    about = write_about(rows, count_rows(rows))
    assert about["headline"].startswith("cannot tell: there are no 30 rows whose label people judged")
    assert [each["title"] for each in about["sets"].values()] == [
        "All rows: no certificate is planned, so no row was drawn at random",
        "The 0 rows on which people decided",
        "No split is untouched: there are none, or labels were changed in each",
    ]
