"""What changed row by row between two versions, as text, and as CSV or a page where asked."""

from pathlib import Path

import pandas as pd

from labels.compare import compare, summarise, take_given
from labels.page import Shown, fill_page
from labels.revisions import Revision, find_revision, last_release
from labels.table import format_csv, format_table
from labels.versions import LabelVersion, find_unapplied, is_cleaned_at, read_examples, read_version
from stages.artifacts.files import replacing
from stages.command.errors import InputError

ROWS_SHOWN = 500
LETTERS_SHOWN, CELLS_SHOWN = 4000, 100
# in place of the old version: the labels before any decision, of the same rows
GIVEN = "given"
COMPARE = f"`python -m labels diff {{}} {GIVEN}` compares with the labels before any decision"


def show_diff(dataset: str, old: str | None, new: str | None, csv: Path | None, html: Path | None) -> str:
    """Compare two versions, write the files that are asked for, and return the table with a line that sums it up.

    Parameters
    ----------
    dataset : str
        The data set's name.
    old, new : str, optional
        A released version or a git revision: by default the last release, and the working tree. The old one may also
        be `GIVEN`.
    csv, html : Path, optional
        Files to write.
    """
    revisions = (None if old == GIVEN else find_old(dataset, old), find_revision(dataset, new) if new else None)
    earlier = None if old == GIVEN else read_old(dataset, revisions[0])
    now = read_version(dataset, revisions[1])
    was = earlier or take_given(now)
    changes = compare(was, now)
    if csv:
        write_text(csv, format_csv(changes))
    if html:
        shown = show_rows(dataset, changes, (was, now), revisions)
        write_text(html, fill_page(dataset, was.name, now.name, changes, shown))
    table = [] if changes.empty else [format_table(changes)]
    lines = [f"{dataset}: {was.name} → {now.name}", *table, summarise(changes)]
    lines += [f"written to {path}" for path in (csv, html) if path]
    return "\n".join(lines + ([] if new else list(find_unapplied(dataset, now))))


def find_old(dataset: str, name: str | None) -> Revision:
    """Return the revision of that name, or without one the last release."""
    revision = find_revision(dataset, name) if name else last_release(dataset)
    if revision is None:
        raise InputError(
            f"{dataset} has no released version to compare with; name a git revision, for instance HEAD, "
            f"or bring the tags with `git fetch --tags`; {COMPARE.format(dataset)}"
        )
    return revision


def read_old(dataset: str, revision: Revision | None) -> LabelVersion:
    """Read the labels at the revision that is compared with.

    Raises
    ------
    InputError
        If it does not have the data set, or none is named and the working tree has no labels.
    """
    if revision and not is_cleaned_at(dataset, revision):
        raise InputError(
            f"{dataset}: the pipeline at {revision.name} does not make it; name a revision whose params.yaml lists it "
            f"in `datasets`; {COMPARE.format(dataset)}"
        )
    return read_version(dataset, revision)


def show_rows(
    dataset: str,
    changes: pd.DataFrame,
    versions: tuple[LabelVersion, LabelVersion],
    revisions: tuple[Revision | None, Revision | None],
) -> dict[str, Shown]:
    """Return what the first changed rows look like, those that left as they were in the old version."""
    first = changes.head(ROWS_SHOWN)
    has_left = first["status"] == "left"
    shown: dict[str, Shown] = {}
    for which, version, revision in zip((has_left, ~has_left), versions, revisions, strict=True):
        if which.any():
            examples = read_examples(dataset, version, revision)
            places = dict(zip(version.labels["id"], range(len(examples)), strict=True))
            for row_id in first.loc[which, "id"]:
                content = examples.excerpt(places[row_id], LETTERS_SHOWN, CELLS_SHOWN)
                shown[row_id] = Shown(examples.kind, examples.columns, content)
    return shown


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    with replacing(path) as (partial,):
        partial.write_text(text, encoding="utf-8", newline="")
