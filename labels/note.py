"""Writes a release's note in Markdown: what changed, and what the labels are."""

import json
import re
from collections import Counter
from typing import Any

import pandas as pd

from labels.compare import summarise
from labels.table import SHOWN, make_printable, name_ends
from labels.versions import LabelVersion
from stages.artifacts.decisions import LABELLED, STATUS, UNLABELLED, Verdict
from stages.artifacts.source import KINDS
from stages.artifacts.trust import Trust

ROWS_SHOWN = 50
# of rows that only one of two versions has
ENDS = ["added", "left"]
NO_VALUE = "–"
# keys whose values may be paths, the kinds of sources that are files, and what leads to the last part of a path, which
# may hold braces
PLACES, LOCAL = ("sources", "source", "pred_probs"), (*KINDS, "npy")
KIND, FOLDERS = re.compile(r"^\w+:"), re.compile(r"^.*/(?![^{]*\})", re.DOTALL)
Values = dict[str, Any]


def write_changes(
    since: str, changes: pd.DataFrame, metrics: tuple[Values, Values], params: tuple[Values, Values]
) -> str:
    """Return the sections on what changed since an earlier version.

    Parameters
    ----------
    since : str
        The earlier version.
    changes : DataFrame
        As `labels.compare.compare` returns it.
    metrics, params : tuple of two dict
        Then and now: the headline numbers, and the data set's block of params.yaml.
    """
    sections = [f"## Changes since {since}", *list_changes(changes)]
    for title, (before, after) in (("Metrics", metrics), ("Parameters", params)):
        differences = list_differences(flatten(before), flatten(after))
        sections += [f"## {title}", format_rows(["", since, "now"], differences) or "As they were."]
    return "\n\n".join(filter(None, sections))


def write_first(changes: pd.DataFrame) -> str:
    """Return the section of a first version: what changed from the given labels, as `write_changes` takes it."""
    return "\n\n".join(filter(None, ["## Changes from the given labels", *list_changes(changes)]))


def list_changes(changes: pd.DataFrame) -> list[str]:
    """Return the changes in words: rows whose label changed one by one, those that came or went as counts by class."""
    ends = changes[changes["status"].isin(ENDS)]
    labels = changes[~changes["status"].isin(ENDS)]
    rows = name_ends(labels.head(ROWS_SHOWN))[SHOWN].to_numpy().tolist()
    more = f"The first {ROWS_SHOWN} of {len(labels):,} are shown." if len(labels) > ROWS_SHOWN else ""
    named = ends.assign(label=ends["to"].where(ends["status"] == "added", ends["from"]).replace("", "(removed)"))
    counts = named.groupby(["label", "status"]).size().unstack(fill_value=0).reindex(columns=ENDS, fill_value=0)
    by_class = [
        [str(label), *(f"{count:,}" for count in row)]
        for label, row in zip(counts.index, counts.to_numpy(), strict=True)
    ]
    return [summarise(changes), format_rows(SHOWN, rows), more, format_rows(["class", *ENDS], by_class)]


def write_certificate(certificate: Values) -> str:
    """Return the section that says how many labels are wrong at most, and what that rests on."""
    return f"## Certificate\n\n{certificate['text']}"


def write_compared(compared: Values) -> str:
    """Return the section that says whether cleaning helped what is trained on the labels, where that was measured."""
    parts = ["## Did cleaning help?", f"{compared['headline'][:1].upper()}{compared['headline'][1:]}."]
    for each in compared["sets"].values():
        parts += [f"{make_printable(each['title'])}." + (f" {each['shown']}" if each["shown"] else "")]
        parts += [format_rows(["score", "given", "cleaned", "difference", "95 % interval", "says"], each["lines"])]
        parts += [each["limit"]] if each["lines"] else []
    return "\n\n".join(filter(None, parts))


def write_card(
    block: Values,
    version: LabelVersion,
    certificate: str,
    trust: Trust | None = None,
    annotators: Values | None = None,
) -> str:
    """Return the section that says what the labels are, where they come from and how they were made.

    Parameters
    ----------
    block : dict
        The data set's block of params.yaml.
    version : LabelVersion
        The labels.
    certificate : str
        How many labels are wrong at most, or that nothing is planned.
    trust : Trust, optional
        Whether the model that flagged the rows may judge; None if it is not known.
    annotators : dict, optional
        What metrics.json says of several annotators; empty or None if a row has one label.
    """
    labels = version.labels
    counts = labels["status"].value_counts()
    # a block may leave sections out, or empty
    filters, rule, training, split = (
        block.get(name) or {} for name in ("find_issues", "clean", "crossval_predict", "split")
    )
    # older blocks have the folds among the keys of crossval_predict
    fetch, training = block["fetch"], {**training, **split}
    facts = {
        "source": ", then ".join(map(hide_folders, fetch["sources"])),
        "sha256 of the content": fetch.get("sha256") or "not pinned",
        "rows": f"{len(labels):,}",
        "classes": f"{labels.loc[labels['label'] != '', 'label'].nunique():,}",
        **{status: f"{counts.get(status, 0):,}" for status in STATUS.values()},
        **{status: f"{counts[status]:,}" for status in (LABELLED, UNLABELLED) if status in counts},
        **({"given labels": describe_annotators(annotators)} if annotators else {}),
        "model": describe_model(training),
        **({"trust in the model": " ".join([f"{trust.verdict}:", *trust.reasons])} if trust else {}),
        "flagged by": describe_flags(filters),
        "flagged rows that nobody decided on": rule.get("undecided", Verdict.KEEP),
        "reviewed by": ", ".join(count_reviewers(version)) or "nobody",
        "certificate": certificate,
    }
    return "## Data card\n\n" + format_rows(["", ""], [[name, str(value)] for name, value in facts.items()])


def describe_annotators(annotators: Values) -> str:
    """Say of whose labels the given ones are the consensus, and how far they agreed."""
    people, labels = annotators["annotators"], annotators["annotations"]
    alpha = annotators["alpha"]
    agreed = "" if alpha is None else f"; Krippendorff's alpha {alpha:.2f}"
    return f"the consensus ({annotators['consensus']}) of {labels:,} labels by {people:,} annotators{agreed}"


def describe_model(training: Values) -> str:
    """Say what predicted: a file of probabilities, or a model, its folds and its repeats."""
    if training.get("pred_probs"):
        return f"own probabilities, {hide_folders(training['pred_probs'])}"
    counts = [
        f"{training[key]} {key if training[key] != 1 else key.removesuffix('s')}"
        for key in ("folds", "repeats")
        if key in training
    ]
    return ", ".join([name_models(training.get("model", "auto")), *counts])


def describe_flags(filters: Values) -> str:
    """Say by what rows were flagged: a budget, or a rule and what it takes."""
    if "budget" in filters and filters.get("flag", "budget") == "budget":
        share = str(filters["budget"])
        return f"a budget of {share.rstrip(' %')} {'%' if share.endswith('%') else 'rows'}"
    rule = filters.get("flag", "yield" if "min_yield" in filters else "")
    least = f", for an error probable by {filters['min_yield']} or more" if "min_yield" in filters else ""
    return f"the rule {rule}{least if rule == 'yield' else ''}" if rule else "the default rule"


def name_models(value: object) -> str:
    """Return the names of the models in a list as one text, and any other value as it is."""
    members = value if isinstance(value, list) else [value]
    return " and ".join(str(member["model"] if isinstance(member, dict) else member) for member in members)


def count_reviewers(version: LabelVersion) -> list[str]:
    """Return each reviewer with how many rows they decided on, and of how many they are not sure, the busiest first."""
    words = [decision for same in version.standing.values() for decision in same]
    unsure = Counter(decision.reviewer for decision in words if decision.decision == Verdict.UNSURE)
    reviewers = Counter(decision.reviewer for decision in words).most_common()
    return [f"{name} ({describe_count(count - unsure[name], unsure[name])})" for name, count in reviewers]


def describe_count(decided: int, unsure: int) -> str:
    """Say on how many rows someone decided, and of how many they are not sure, if there are any."""
    rows = f"{decided:,} {'row' if decided == 1 else 'rows'}"
    return rows + (f", {unsure:,} not sure" if unsure else "")


def list_differences(before: Values, after: Values) -> list[list[str]]:
    """Return a row of name, then and now for each value that differs, in the order of ``after``."""
    names = [*after, *(name for name in before if name not in after)]
    rows = [
        [name, *(format_value(hide_places(name, values.get(name, NO_VALUE))) for values in (before, after))]
        for name in names
    ]
    return [row for row in rows if row[1] != row[2]]


def flatten(values: Values, prefix: str = "") -> Values:
    """Return nested dicts as one, with dots in the names."""
    flat: Values = {}
    for name, value in values.items():
        flat |= flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def format_value(value: object) -> str:
    """Return a value as params.yaml has it, near enough."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def hide_places(name: str, value: object) -> object:
    """Return a value without the folders of this machine, if its key names files."""
    if name.rpartition(".")[2] not in PLACES:
        return value
    return list(map(hide_folders, value)) if isinstance(value, list) else hide_folders(value)


def hide_folders(place: object) -> str:
    """Return a source, or a path, as anybody may see it: of what lies on this machine its kind and its last part."""
    text = str(place)
    kind = next(iter(KIND.findall(text)), "")
    path = text.removeprefix(kind)
    is_local = "://" not in text and (kind[:-1] in LOCAL or path.startswith(("/", "~", "../")))
    return kind + FOLDERS.sub("", path.rstrip("/")) if is_local else text


def format_rows(names: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown, or an empty text if there are no rows."""
    if not rows:
        return ""
    lines = [[make_printable(cell).replace("|", "\\|") for cell in row] for row in (names, ["---"] * len(names), *rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
