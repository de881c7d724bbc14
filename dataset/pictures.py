"""Looks at pictures: their classes, splits and sizes, which are copies, and what a model should see of them."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dataset.asking import Asked
from dataset.pretrained import PICTURES, propose
from dataset.proposal import Proposal, look_at_labels, propose_budget
from stages.artifacts.originals import is_grey, open_picture
from stages.command.errors import InputError, some
from stages.fetch.pictures import RawPictures
from stages.preprocess.classes import find_alike

# pictures whose sides are no longer are drawn rather than photographs: a network trained on them alone does better
SMALL = 64
LOOKED_AT = 2000
# how long a network from scratch learns
EPOCHS = 20


class Sizes(NamedTuple):
    """Of the pictures that were looked at: width and height of each, whether all are grey, and who is no picture."""

    sizes: list[tuple[int, int]]
    grey: bool
    unreadable: list[str]


def look_at_pictures(source: str, raw: RawPictures, asked: Asked) -> Proposal:
    """Look at pictures in files."""
    asked.refuse_roles()
    proposal = Proposal()
    proposal.set("fetch", sources=[source], **asked.section("fetch"))
    proposal.head = f"{len(raw.table):,} pictures"
    proposal.found.append(proposal.head)
    look_at_labels(raw.table["label"], proposal)
    if "split" in raw.table:
        counts = raw.table["split"].value_counts()
        proposal.found.append("splits: " + ", ".join(f"{name or 'none'} {count:,}" for name, count in counts.items()))
    step = max(1, len(raw.files) // LOOKED_AT)
    sizes = measure(raw.table["id"].iloc[::step], raw.files[::step])
    describe_sizes(sizes, proposal)
    proposal.odd += find_alike(raw.table["label"][raw.table["label"] != ""])
    proposal.odd += describe_copies(raw)
    proposal.set("preprocess", unreadable="leave_out")
    propose_model(len(raw.table), sizes, asked, proposal)
    propose_budget(proposal)
    return proposal


def measure(ids: pd.Series, files: list[Path]) -> Sizes:
    """Read the heads of pictures."""
    sizes, grey, unreadable = [], True, []
    for row_id, path in zip(ids, files, strict=True):
        try:
            with open_picture(path.read_bytes()) as picture:
                sizes.append(picture.size)
                grey &= is_grey(picture)
        except Exception:
            # each of Pillow's formats raises its own
            unreadable.append(row_id)
    return Sizes(sizes, grey, unreadable)


def describe_sizes(sizes: Sizes, proposal: Proposal) -> None:
    """Say how large the pictures are, and which are none."""
    if sizes.unreadable:
        proposal.odd.append(
            f"{len(sizes.unreadable):,} file(s) cannot be read as pictures ({some(sizes.unreadable)}); left out"
        )
    if not sizes.sizes:
        raise InputError("none of the pictures that were looked at can be read")
    (common, count), *others = Counter(sizes.sizes).most_common()
    widths, heights = (sorted(each) for each in zip(*sizes.sizes, strict=True))
    colour = "grey" if sizes.grey else "coloured"
    said = f"{common[0]}×{common[1]} pixels"
    if others:
        said = (
            f"{widths[0]} to {widths[-1]} pixels wide and {heights[0]} to {heights[-1]} high; most often "
            f"{common[0]}×{common[1]}, {count:,} of {len(sizes.sizes):,}"
        )
    proposal.found.append(f"{colour}, {said}")


def describe_copies(raw: RawPictures) -> list[str]:
    """Say how many pictures are the same file as another, and how many of these have different labels."""
    labels = raw.table["label"]
    by_content = labels.where(labels != "").groupby(pd.Series(raw.contents))
    copies = by_content.transform("size") > 1
    if not copies.any():
        return []
    torn = int((by_content.transform("nunique") > 1).sum())
    also = f", {torn:,} of them in more than one class" if torn else ""
    return [f"{int(copies.sum()):,} pictures are the same file as another{also}"]


def propose_model(n_rows: int, sizes: Sizes, asked: Asked, proposal: Proposal) -> None:
    """Propose what a model sees: small pictures as they are, others by a pretrained network, or made small."""
    given = asked.section("preprocess").get("image_shape")
    sides = {max(size) for size in sizes.sizes}
    small = max(sides) <= SMALL
    pretrained = propose(PICTURES, n_rows, asked, proposal, helps=not small)
    if (pretrained and not small) or given:
        return
    channels = 1 if sizes.grey else 3
    if small and len(set(sizes.sizes)) == 1:
        width, height = sizes.sizes[0]
        proposal.set("preprocess", image_shape=[channels, height, width])
    else:
        side = min(SMALL, max(sides))
        proposal.set("preprocess", image_shape=[channels, side, side], fit="crop")
    shape = "×".join(map(str, proposal.block["preprocess"]["image_shape"]))
    proposal.set("crossval_predict", max_epochs=EPOCHS)
    proposal.chosen.append(f"model: cnn, a small network, on pictures of {shape} (channels, height, width)")
