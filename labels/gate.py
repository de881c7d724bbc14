"""Checks a change of the labels against its base, so that CI can refuse it."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import Field

from labels.certificate import find_lack, read_current
from labels.compare import compare, summarise
from labels.revisions import Revision, find_commit, find_revision, read_committed
from labels.table import format_table
from labels.versions import find_unapplied, is_cleaned_at, read_version
from stages.artifacts.files import report_folder
from stages.command.errors import InputError
from stages.command.params import Section, read_section

ROWS_SHOWN = 50
Metrics = dict[str, Any]


class Settings(Section):
    """What ``gate`` in params.yaml may hold."""

    max_flagged_rise: float = Field(
        default=0.2, ge=0, description="by what share the count of flagged rows may rise: 0.2 lets 50 become 60"
    )
    max_noise_rise: float = Field(
        default=0.01, ge=0, le=1, description="by how much the estimated noise rate, a share of all rows, may rise"
    )
    max_class_loss: float = Field(default=0.05, ge=0, le=1, description="what share of its rows a class may lose")
    max_error_bound: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="what share of the labels may be wrong, as a [certificate](certificates.md) must show; `null` asks "
        "for none",
    )


@dataclass(frozen=True)
class Finding:
    """What one check found, in words."""

    passed: bool
    text: str

    def __str__(self) -> str:
        """Return the words after OK or FAILED."""
        return f"{'OK' if self.passed else 'FAILED'}: {self.text}"


def check(dataset: str, base: str | None) -> tuple[bool, str]:
    """Compare the working tree with a revision, ``origin/main`` or else ``main`` by default.

    Returns
    -------
    passed : bool
    text : str
        A line for each check, with the rows that made it fail.
    """
    settings = read_section(dataset, "gate", Settings)
    revision = find_base(dataset, base)
    head = f"gate: {dataset}: the working tree against {revision.name}"
    new = read_version(dataset, None)
    for late in find_unapplied(dataset, new):
        raise InputError(late)
    if not is_cleaned_at(dataset, revision):
        first = Finding(True, f"{dataset} is new, there is nothing to compare with")
        findings = [first, *check_certificate(dataset, settings)]
        return all(finding.passed for finding in findings), "\n".join([head, *map(str, findings)])
    old = read_version(dataset, revision)
    findings = [
        check_decided(compare(old, new)),
        *check_numbers(read_metrics(dataset, revision), read_metrics(dataset, None), settings),
        check_classes(old.labels, new.labels, settings),
        *check_certificate(dataset, settings),
    ]
    return all(finding.passed for finding in findings), "\n".join([head, *map(str, findings)])


def find_base(dataset: str, base: str | None) -> Revision:
    """Return what to compare with: the revision that was asked for, or the main branch, at best as others have it.

    Raises
    ------
    InputError
        If it is not here; CI often fetches one branch alone.
    """
    name = base or next((name for name in ("origin/main", "main") if find_commit(name)), "")
    if name and (find_commit(name) or not name.startswith("origin/")):
        return find_revision(dataset, name)
    branch = (base or "origin/main").removeprefix("origin/")
    fetch = f"git fetch origin {branch}:refs/remotes/origin/{branch}"
    raise InputError(f"there is no {name or 'origin/main or main'} here; bring it with `{fetch}`, or name a --base")


def check_decided(changes: pd.DataFrame) -> Finding:
    """Find labels that changed though no person said so.

    A decision that was taken back may change its row, and so may annotators' new labels of it.
    """
    there = ~changes["status"].isin(["added", "left"])
    differs = there & (changes["from"] != changes["to"])
    by_people, by_annotators = (changes[["decided", "taken_back"]].any(axis=1), changes["by_annotators"].astype(bool))
    wrong = changes[differs & ~by_people & ~by_annotators]
    if wrong.empty:
        count = int((differs & ~by_people & by_annotators).sum())
        also = f", {count:,} by new labels of annotators" if count else ""
        return Finding(True, f"{summarise(changes)}{also}; no label changed without a person's decision")
    more = f"\n… and {len(wrong) - ROWS_SHOWN:,} more; `labels diff` names all" if len(wrong) > ROWS_SHOWN else ""
    labels = "label" if len(wrong) == 1 else "labels"
    return Finding(
        False,
        f"{len(wrong):,} {labels} changed without a person's decision; decide on the rows in decisions.csv, "
        f"or undo what changed them\n{format_table(wrong.head(ROWS_SHOWN))}{more}",
    )


def check_numbers(old: Metrics, new: Metrics, settings: Settings) -> Iterator[Finding]:
    """Check the count of flags and the estimated noise rate against the limits."""
    was, now = old["flagged"], new["flagged"]
    # a share of a count such as 50 * 1.2 may fall short of the whole number by rounding
    most = math.floor(was * (1 + settings.max_flagged_rise) + 1e-9)
    yield Finding(now <= most, f"{now:,} rows flagged, {was:,} before, at most {most:,} (gate.max_flagged_rise)")
    was, now = (metrics.get("estimated_noise_rate") for metrics in (old, new))
    if was is None or now is None:
        yield Finding(True, "no noise rate to compare: where the model is worthless, none is estimated")
        return
    highest = was + settings.max_noise_rise
    text = f"estimated noise rate {now:.4f}, {was:.4f} before, at most {highest:.4f} (gate.max_noise_rise)"
    yield Finding(now <= highest + 1e-9, text)


def check_classes(old: pd.DataFrame, new: pd.DataFrame, settings: Settings) -> Finding:
    """Find classes that lost more than their share of rows, removed rows belonging to none."""
    before, after = (table.loc[table["label"] != "", "label"].value_counts() for table in (old, new))
    lost = {str(name): 1 - after.get(name, 0) / rows for name, rows in before.sort_index().items()}
    limit = f"at most {settings.max_class_loss:.1%} (gate.max_class_loss)"
    wrong = [
        f"class {name!r}: {after.get(name, 0):,} rows, {before[name]:,} before, lost {share:.1%}"
        for name, share in lost.items()
        if share > settings.max_class_loss + 1e-9
    ]
    if wrong:
        return Finding(False, f"{len(wrong)} lost more rows than allowed, {limit}\n" + "\n".join(wrong))
    return Finding(True, f"no class lost more than {max(lost.values(), default=0):.1%} of its rows, {limit}")


def check_certificate(dataset: str, settings: Settings) -> Iterator[Finding]:
    """Check the share of wrong labels that a certificate shows there to be at most, if one is asked for."""
    if settings.max_error_bound is None:
        return
    certificate = read_current(dataset)
    lacks = list(find_lack(certificate, settings.max_error_bound))
    yield Finding(not lacks, f"{''.join(lacks) or certificate['sentence']} (gate.max_error_bound)")


def read_metrics(dataset: str, revision: Revision | None) -> Metrics:
    """Read a data set's headline numbers at a revision; None is the working tree."""
    path = report_folder(dataset) / "metrics.json"
    where = f"{path} at {revision.name}" if revision else str(path)
    text = read_committed(revision, path)
    if text is None:
        raise InputError(f"{where}: not found; `dvc repro` makes it, and it belongs in git")
    try:
        metrics: Metrics = json.loads(text)
        # what every check needs
        metrics["flagged"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{where}: damaged ({error!r}); remove it and `dvc repro` makes it again") from None
    return metrics
