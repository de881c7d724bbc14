"""Gives a data set another name: its block, its places in the lists, its artifact, and its folders."""

from pathlib import Path

from dataset import places
from dataset.add import check_free
from dataset.busy import refuse_busy
from dataset.listing import list_releases
from stages.artifacts.files import data_folder, report_folder
from stages.artifacts.source import LISTED, keep_listed
from stages.command.errors import InputError
from stages.command.params import find_block

WORKFLOW = Path(".github/workflows/labels.yml")


def rename(old: str, new: str) -> str:
    """Rename a data set, and return what is renamed and what keeps the old name.

    The folders move before the names change: whatever ends this in between, a second call finishes it, and no run
    starts a new file of decisions.
    """
    find_block(old)
    refuse_busy(old)
    check_free(new)
    before = places.read_both()
    after = places.rename(before, old, new)
    moves = list_moves(old, new)
    for source, target in moves:
        source.rename(target)
    was_local = LISTED.exists() and f"- {old}\n" in LISTED.read_text(encoding="utf-8")
    places.write_both(before, after)
    if was_local:
        keep_listed(old, False)
        keep_listed(new, True)
    lines = [f"renamed: '{old}' to '{new}' in params.yaml and dvc.yaml", *(f"moved: {a} to {b}" for a, b in moves)]
    if releases := list_releases(old):
        tags = f"{places.name_artifact(old)}@{releases[-1]}"
        lines.append(f"kept: the tags of {len(releases)} releases, such as {tags}: whoever takes one finds it there")
    if WORKFLOW.exists() and f" {old}" in WORKFLOW.read_text(encoding="utf-8"):
        lines.append(f"look at: {WORKFLOW} names '{old}'")
    lines.append(f"next: `dvc repro report@{new}` (folds that are finished are not trained again)")
    return "\n".join(lines)


def list_moves(old: str, new: str) -> list[tuple[Path, Path]]:
    """Return which folders move where."""
    moves = []
    for folder in (data_folder, report_folder):
        source, target = folder(old), folder(new)
        if not source.exists():
            continue
        if target.exists():
            raise InputError(f"{target}: is there already; move it away, or choose another name")
        moves.append((source, target))
    return moves
