"""Looks at a table: which columns are what, which of them are texts, and what its rows and classes are."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from dataset import roles
from dataset.annotators import check_rows, find_annotators, find_labels, take_votes
from dataset.asking import Asked
from dataset.pretrained import propose_for_texts
from dataset.proposal import Proposal, list_english, look_at_examples, look_at_labels, propose_budget, take_labelled
from stages.fetch.settings import Settings as Fetch
from stages.fetch.table import RawTable
from stages.preprocess.settings import Settings as Preprocess
from stages.preprocess.tables import read_cells
from stages.preprocess.texts import read_texts

WHY = {
    "id": "one of its own in each row; without it decisions go by the row's number",
    "group": "rows of one are kept in one fold; `--group none` makes it a feature",
    "split": "it says which split a row is in, and is no feature",
}


def propose_roles(frame: pd.DataFrame, asked: Asked, proposal: Proposal) -> dict[str, str | list[str]]:
    """Return the columns that are the label, or the annotators', the id, the group and the split, and say why."""
    facts = roles.gather(frame)
    labels = find_labels(facts, asked)
    found: dict[str, str] = {}
    rest = {name: each for name, each in facts.items() if name not in labels}
    for role, find in (("split", roles.find_split), ("id", roles.find_id), ("group", roles.find_group)):
        if name := find(rest, asked):
            found[role] = name
            rest.pop(name)
    say_labels(labels, facts, find_annotators(rest), proposal)
    proposal.chosen += [f"{role}: '{name}': {WHY[role]}" for role, name in found.items() if role in WHY]
    named = {"label": labels[0] if len(labels) == 1 else labels} if labels else {}
    return {**named, **{role: found[role] for role in ("id", "group", "split") if role in found}}


def say_labels(labels: list[str], facts: dict[str, roles.Facts], annotators: list[str], proposal: Proposal) -> None:
    """Say which columns are the labels, and which others look as if annotators gave them."""
    if len(labels) == 1:
        proposal.chosen.append(f"label: '{labels[0]}' ({facts[labels[0]]})")
    elif labels:
        proposal.chosen.append(
            f"label: by several annotators, {list_english(labels)}; `--label {labels[0]}` takes one column alone"
        )
    if annotators and labels:
        proposal.odd.append(
            f"{list_english(annotators)} look like the labels of several annotators, and are features here; "
            f"`--label {','.join(annotators)}` takes them for the labels"
        )


def look_at_table(
    source: str, asked: Asked, read: Callable[[Fetch], pd.DataFrame], fetch: Callable[[Fetch], Any]
) -> Proposal:
    """Look at a table whose columns nobody has named.

    Parameters
    ----------
    source : str
        ``PREFIX:ARGUMENT``.
    asked : Asked
        What a person said.
    read : callable
        Returns the table with all its columns.
    fetch : callable
        Returns it as `fetch` does, once the columns are named.
    """
    proposal = Proposal()
    given = {"sources": [source], **asked.section("fetch")}
    frame = read(Fetch.model_validate(given))
    check_rows(frame)
    named = propose_roles(frame, asked, proposal)
    proposal.set("fetch", **given, **{role: name for role, name in named.items() if role not in given})
    settings = Fetch.model_validate(proposal.block["fetch"])
    look_at_rows(take_votes(fetch(settings), settings, proposal), asked, proposal)
    return proposal


def look_at_rows(raw: RawTable, asked: Asked, proposal: Proposal) -> None:
    """Look at the rows of a table whose columns are named, and propose what to read of them, and how."""
    texts = roles.find_texts(roles.gather(raw.rows), asked)
    given = asked.section("preprocess")
    rows, labels = take_labelled(raw.table["label"])
    cells = raw.rows.iloc[rows].reset_index(drop=True)
    if texts:
        proposal.set("preprocess", text=texts[0] if len(texts) == 1 else texts)
    settings = Preprocess.model_validate({**proposal.block.get("preprocess", {}), **given})
    examples = read_cells(cells, settings) if settings.text is None else read_texts(cells, settings.text)
    proposal.head = str(examples)
    proposal.found.append(str(examples))
    look_at_labels(raw.table["label"], proposal)
    if "split" in raw.table:
        counts = raw.table["split"].value_counts()
        proposal.found.append("splits: " + ", ".join(f"{name or 'none'} {count:,}" for name, count in counts.items()))
    look_at_examples(examples, labels, proposal)
    if texts:
        _look_at_texts(cells, texts, asked, proposal)
    else:
        proposal.chosen.append("three models of tables, averaged; each column is read as its cells look (above)")
    propose_budget(proposal)


def _look_at_texts(cells: pd.DataFrame, texts: list[str], asked: Asked, proposal: Proposal) -> None:
    others = [name for name in cells if name not in texts]
    unread = f"; not read: {list_english(others)} (`--text none` learns from the columns instead)" if others else ""
    proposal.chosen.append(f"texts: {list_english(texts)}{unread}")
    joined = cells[texts[0]]
    empty = int((cells[texts].agg("".join, axis=1).str.strip() == "").sum())
    if empty:
        proposal.odd.append(f"{empty:,} texts are empty; they are left out")
        proposal.set("preprocess", unreadable="leave_out")
    propose_for_texts(joined, asked, proposal)
