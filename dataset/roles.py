"""Which column is the label, the id, the group, the split or a text: by its name and its cells, or by asking."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from dataset.asking import NONE, Asked, choose
from stages.command.errors import InputError, some, suggest
from stages.fetch.cells import to_text
from stages.fetch.folders import SPLITS
from stages.preprocess.classes import check_measures

# what labels are called, the likeliest first
LABELS = (
    "label", "labels", "class", "target", "category", "y", "intent", "sentiment", "topic", "species", "diagnosis",
    "outcome", "type",
)  # fmt: skip
ID = re.compile(r"(.*[\W_])?(id|uuid|guid|key|nr|no|number|index|idx)|.*[a-z]I[dD]", re.IGNORECASE)
GROUP = re.compile(
    r"(.*[\W_])?"
    r"(subject[\W_]?(?=id|nr|no|number)|group|patient|customer|client|user|household|family|session|speaker|author|account"
    r"|device)"
    r"([\W_]?(id|nr|no|number|name|key))?",
    re.IGNORECASE,
)
SPLIT = re.compile(r"(.*[\W_])?(split|subset|partition|fold|set)", re.IGNORECASE)
SPLIT_NAMES = {*SPLITS, "dev", "eval", "holdout"}
# the most classes for each row, and cells of more words name none
MOST_CLASSES, MOST_WORDS = 0.5, 4
# A column of cells with so many words at the median is one of texts; with fewer it may be, if there is little else.
TEXT_WORDS, SURE_WORDS, MUCH_ELSE = 4, 8, 3
DIFFERENT = 0.5
LOOKED_AT = 5000
# fewer groups, or more rows in each, are a feature rather
FEWEST_GROUPS, ROWS_OF_A_GROUP = 10, 50


@dataclass(frozen=True)
class Facts:
    """What tells what a column of n cells may be.

    Attributes
    ----------
    name : str
        The column's.
    cells : Series of n str
        Empty where one is missing.
    n_there, n_different : int
        How many are not empty, and how many different ones these are.
    words : float
        How many words such a cell has, at the median.
    """

    name: str
    cells: pd.Series
    n_there: int
    n_different: int
    words: float

    def __str__(self) -> str:
        missing = len(self.cells) - self.n_there
        return f"{self.n_different:,} different" + (f", {missing:,} missing" if missing else "")

    @property
    def is_full(self) -> bool:
        """Whether every row has a cell of its own."""
        return self.n_different == self.n_there == len(self.cells)


def gather(frame: pd.DataFrame) -> dict[str, Facts]:
    """Return what tells what each column of a table may be."""
    facts = {}
    for name in map(str, frame):
        cells = to_text(frame[name])
        there = cells[cells.str.strip() != ""]
        words = there.iloc[:: max(1, len(there) // LOOKED_AT)].str.count(r"\S+").median() if len(there) else 0.0
        facts[name] = Facts(name, cells, len(there), int(there.nunique()), float(words))
    return facts


def find_named_label(facts: dict[str, Facts]) -> str | None:
    """Return the column that may hold labels and is called so, the likeliest first."""
    lower = {name.lower(): name for name in reversed(facts) if may_be_label(facts[name])}
    return next((lower[name] for name in LABELS if name in lower), None)


def find_label(facts: dict[str, Facts], also: Mapping[str, str]) -> str:
    """Return the label's column, or what a person chooses of ``also``, what else may be said and why."""
    if named := find_named_label(facts):
        return named
    fit = {name: each for name, each in facts.items() if may_be_label(each)}
    if not fit:
        raise InputError(
            f"no column holds classes: each has one value, nearly as many as rows, or measurements ({_list(facts)})"
        )
    if len(fit) == 1:
        return next(iter(fit))
    ranked = sorted(fit.values(), key=lambda each: each.n_different)
    return choose("Which column holds the labels?", "--label", {**also, **{each.name: str(each) for each in ranked}})


def may_be_label(facts: Facts) -> bool:
    """Say whether a column's cells may name classes."""
    if not 2 <= facts.n_different <= max(2, MOST_CLASSES * facts.n_there) or facts.words > MOST_WORDS:
        return False
    try:
        return not check_measures(facts.cells[facts.cells != ""])
    except InputError:
        return False


def find_id(facts: dict[str, Facts], asked: Asked) -> str | None:
    """Return the column of ids, if one is called so, or as who or what a row is of, and has one for each row."""
    fit = (name for name, each in facts.items() if each.is_full and (ID.fullmatch(name) or GROUP.fullmatch(name)))
    return _find("id", facts, asked, next(fit, None))


def find_group(facts: dict[str, Facts], asked: Asked) -> str | None:
    """Return the column of what rows belong to, if one is called so and its values come again."""
    fit = (
        name
        for name, each in facts.items()
        if GROUP.fullmatch(name)
        and max(FEWEST_GROUPS, each.n_there / ROWS_OF_A_GROUP) <= each.n_different < each.n_there
    )
    return _find("group", facts, asked, next(fit, None))


def find_split(facts: dict[str, Facts], asked: Asked) -> str | None:
    """Return the column of splits, if one is called so and holds nothing else."""
    fit = (
        name
        for name, each in facts.items()
        if SPLIT.fullmatch(name) and {cell.strip().lower() for cell in each.cells.unique()} <= {*SPLIT_NAMES, ""}
    )
    return _find("split", facts, asked, next(fit, None))


def find_texts(facts: Mapping[str, Facts], asked: Asked) -> list[str]:
    """Return the columns to read as texts; none if the rows are a table."""
    if "text" in asked.roles:
        named = asked.roles["text"]
        return [] if named == NONE else [check_there("text", name, facts) for name in named.split(",")]
    texts = [name for name, each in facts.items() if _is_text(each)]
    others = [name for name in facts if name not in texts]
    if not texts or len(others) < MUCH_ELSE or max(facts[name].words for name in texts) >= SURE_WORDS:
        return texts
    joined = ",".join(texts)
    choices = {joined: "read these texts alone", NONE: f"learn from the other columns, {some(others)}"}
    return [] if choose("What is to be learned from?", "--text", choices) == NONE else texts


def _is_text(facts: Facts) -> bool:
    return facts.words >= TEXT_WORDS and facts.n_different > DIFFERENT * facts.n_there


def _find(role: str, facts: dict[str, Facts], asked: Asked, found: str | None) -> str | None:
    if role not in asked.roles:
        return found
    return None if asked.roles[role] == NONE else check_there(role, asked.roles[role], facts)


def check_there(role: str, name: str, facts: Mapping[str, Facts]) -> str:
    """Return the name of a column, or raise InputError if there is none."""
    if name not in facts:
        raise InputError(f"--{role}: no column is called {name!r}{suggest(name, facts)}; there are: {_list(facts)}")
    return name


def _list(facts: Mapping[str, Facts]) -> str:
    return ", ".join(f"{name}: {each}" for name, each in list(facts.items())[:15]) + (", …" if len(facts) > 15 else "")
