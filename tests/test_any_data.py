"""Whatever its labels, ids and columns are called, data come through all stages as they are, in whatever order."""

import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stages.artifacts.files import read_table, write_table
from stages.artifacts.issues import read_flagged
from tests.sources import STAGES, Block, run, write_block

PART = STAGES[:-1]
ODD = [
    "nan", "None", "-1", "NA", "null", "007", "7", "7.0", "1e3", " 7", "True", "", "a,b", 'say "a"', "a\nb", "a\r\nb",
    "\r", "ж", "日本", "أ", "é", "e\u0301", "-", "#", "'", "id", "label", "class", "text", ";", "\t", "\ufeff",
    "\u2028",
]  # fmt: skip
ANY = st.sampled_from(ODD) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4)
NAMES = ANY.filter(lambda name: name.strip() != "")
FAMILIES: list[list[Any]] = [[True, False], [3, 70, -5, 1000], [0.5, 1.0, 1e-7], ["01", "1", "1.0"], ["nan", "None"]]
CLASSES = st.sampled_from(FAMILIES) | st.lists(ANY.filter(bool), min_size=2, max_size=5, unique=True)
LOOK = {
    "numbers": ["1", "2.5", "", "nan", "-1e3", "007"],
    "truth": ["True", "false", "", "True"],
    "dates": ["2020-01-01", "1969-12-31T23:59:59Z", "", "None"],
    "odd": ["a", "b", "a,b", "b\n", "ж", "", "nan"],
    "missing": ["", "nan"],
}


class Source(NamedTuple):
    """A table as a user has it: the columns k, of ids, and y, of labels, and others."""

    head: list[str]
    lines: list[list[str]]
    block: Block

    def shuffled(self, order: Sequence[int]) -> "Source":
        return self._replace(lines=[self.lines[row] for row in order])

    def turned(self) -> "Source":
        """Return the same with its columns from the last to the first."""
        return self._replace(head=self.head[::-1], lines=[line[::-1] for line in self.lines])

    def given(self) -> dict[str, str]:
        place, label = self.head.index("k"), self.head.index("y")
        return {line[place]: line[label] for line in self.lines}


class Found(NamedTuple):
    """What came of it: by id, each row's line of label_quality.csv and probabilities, and the flagged ids in order."""

    quality: dict[str, list[str]]
    probs: dict[str, bytes]
    flagged: list[str]


def make_block(**changed: dict[str, Any]) -> Block:
    model = {"model": "logistic_regression", "arguments": {"max_iter": 50}}
    sections: Block = {
        "fetch": {"sources": ["csv:data.csv"], "label": "y", "id": "k", "csv": {"quote": '"'}}, "preprocess": {},
        "split": {"folds": 2, "rare_classes": "leave_out"}, "crossval_predict": model, "find_issues": {},
        "clean": {"undecided": "keep"}, "report": {},
    }  # fmt: skip
    return {section: {**values, **changed.get(section, {})} for section, values in sections.items()}


@st.composite
def sources(draw: st.DrawFn) -> Source:
    """Draw rows of odd classes, one labelled as another and one there twice; a class may be that one alone."""
    classes = list(map(str, draw(CLASSES)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    true = np.repeat(np.arange(len(classes)), draw(st.integers(4, 7)))
    if len(classes) > 2 and draw(st.booleans()):
        true = true[(true > 0) | (np.arange(len(true)) == 0)]
    n_rows = len(true)
    given = true.copy()
    given[-1] = len(classes) > 2
    ids = draw(st.lists(NAMES, min_size=n_rows, max_size=n_rows, unique=True))
    names = draw(st.lists(NAMES.filter(lambda name: name not in ("k", "y")), min_size=2, max_size=4, unique=True))
    looks = [draw(st.sampled_from(sorted(LOOK))) for _ in names[2:]]
    columns = [[str(number) for number in true * scale + rng.normal(size=n_rows)] for scale in (2.0, -1.0)]
    columns += [list(rng.choice(LOOK[look], n_rows)) for look in looks]
    lines = [[ids[row], classes[given[row]], *(column[row] for column in columns)] for row in range(n_rows)]
    # the first row's content once more, under the same label
    lines.append(["twice", *lines[0][1:]])
    assume("twice" not in ids)
    flags: Block = draw(st.sampled_from([{}, {"flag": "noise_rate"}, {"budget": 1}, {"budget": "50%"}]))
    kinds = {name: "categorical" for name, look in zip(names[2:], looks, strict=True) if look == "odd"}
    return Source(["k", "y", *names], lines, make_block(preprocess={"columns": kinds}, find_issues=flags))


@contextmanager
def made(source: Source) -> Iterator[Path]:
    """Run the stages, and give the data set's folder."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        with (Path(name) / "data.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([source.head, *source.lines])
        write_block(Path(name), source.block)
        for stage in PART:
            assert run(Path(name), stage, patch) == 0, stage
        yield Path(name) / "data/toy"


def clean(source: Source) -> Found:
    """Run the stages, hold every given label against the source, and return what was found."""
    with made(source) as data:
        quality, issues = read_table(data / "quality/label_quality.csv"), read_flagged(data)
        probs, cleaned = np.load(data / "predictions/pred_probs.npy"), read_table(data / "cleaned/labels.csv")
        given = source.given()
        assert list(quality["id"]) == list(cleaned["id"]) == list(given)
        for table in (quality, cleaned, issues):
            assert [given[row_id] for row_id in table["id"]] == list(table["given_label"])
        assert set(json.loads((data / "prepared/classes.json").read_text("utf-8"))) == set(given.values())
        np.testing.assert_allclose(probs.sum(axis=1), 1, atol=1e-5)
        return Found(
            {line[0]: line[1:] for line in quality.to_numpy(object).tolist()},
            {row_id: row.tobytes() for row_id, row in zip(quality["id"], probs, strict=True)},
            list(issues["id"]),
        )


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=6, deadline=None)
@given(sources(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_and_that_of_columns_no_flag(source: Source, random: Any) -> None:
    found = clean(source)
    order = random.sample(range(len(source.lines)), len(source.lines))
    assert clean(source.shuffled(order)) == found
    turned = clean(source.turned())
    assert set(turned.flagged) == set(found.flagged)
    for row_id, row in found.probs.items():
        plain, other = (np.frombuffer(probs, np.float32) for probs in (row, turned.probs[row_id]))
        np.testing.assert_allclose(plain, other, atol=0.02)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=5, deadline=None)
@given(st.lists(ANY.filter(bool), min_size=2, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_texts_come_through_in_any_order(classes: list[str], random: Any) -> None:
    words = ["card lost", "новый pin", "«rate», please\nnow", "a 7 % fee"]
    lines = [[f"{row:02}", classes[row % len(classes)], f"{words[row % len(classes)]} {row // 8}"] for row in range(24)]
    lines[3][1] = lines[2][1]
    block = make_block(
        preprocess={"text": "said"}, crossval_predict={"model": "tfidf", "arguments": {}}, find_issues={"budget": 3}
    )
    source = Source(["k", "y", "said"], lines, block)
    shuffled, found = clean(source.shuffled(random.sample(range(24), 24))), clean(source)
    # which of equally near rows are a row's neighbours depends on the order, and so does what they say of errors
    assert leave_out_errors(shuffled) == leave_out_errors(found)


def leave_out_errors(found: "Found") -> "Found":
    """Return the same without error_prob and prior_error_prob."""
    return found._replace(quality={row_id: [*cells[:6], *cells[8:]] for row_id, cells in found.quality.items()})


def make_rows(n_classes: int, per_class: int) -> Source:
    """Return a table of two numbers that tell each class from the others."""
    rows = [(number, label) for number in range(per_class) for label in range(n_classes)]
    lines = [
        [f"{label}/{number}", f"{label:04}", str(label % 40 + number / 10), str(label // 40)] for number, label in rows
    ]
    return Source(["k", "y", "a", "b"], lines, make_block(crossval_predict={"arguments": {"max_iter": 5}}))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("n_classes", [2, 5, 1000])
def test_two_rows_of_each_class_are_enough_for_two_folds(n_classes: int) -> None:
    found = clean(make_rows(n_classes, 2))
    assert len(found.quality) == 2 * n_classes
    assert {len(row) for row in found.probs.values()} == {4 * n_classes}


@pytest.mark.filterwarnings("ignore")
def test_ids_that_look_missing_are_found_in_probabilities_from_elsewhere(tmp_path: Path) -> None:
    source = make_rows(2, 2)
    for line, row_id in zip(source.lines, ["NA", "nan", "007", "None"], strict=True):
        line[0] = row_id
    probs = pd.DataFrame({"0001": [0.2, 0.9, 0.1, 0.8], "0000": [0.8, 0.1, 0.9, 0.2], "id": list(source.given())})
    probs.iloc[::-1].to_csv(tmp_path / "probs.csv", index=False)
    source.block.update({"split": {"folds": 0}, "crossval_predict": {"pred_probs": str(tmp_path / "probs.csv")}})
    found = clean(source)
    assert {row_id: line[3] for row_id, line in found.quality.items()} == {
        "NA": "0.8",
        "nan": "0.9",
        "007": "0.9",
        "None": "0.8",
    }


def test_a_column_that_begins_like_a_mark_of_byte_order_keeps_its_name(tmp_path: Path) -> None:
    write_table(tmp_path / "rows.csv", pd.DataFrame({"\ufeffa": ["1"], "b": ["\ufeff"]}))
    assert read_table(tmp_path / "rows.csv").to_dict("list") == {"\ufeffa": ["1"], "b": ["\ufeff"]}
