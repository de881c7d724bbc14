"""Looks at rows of plain numbers, which may be the pixels of pictures."""

import math

import numpy as np

from dataset.asking import Asked
from dataset.proposal import Proposal, look_at_examples, look_at_labels, propose_budget, take_labelled
from stages.fetch.raw import RawData
from stages.preprocess.pictures import Pictures, to_images
from stages.preprocess.settings import Settings as Preprocess
from stages.preprocess.tables import Table, read_arrays

WHITE = 255
# the smallest side of pictures that the network sees anything in
SMALLEST = 8


def look_at_arrays(source: str, raw: RawData, shape: tuple[int, ...], asked: Asked) -> Proposal:
    """Look at rows of numbers.

    Parameters
    ----------
    source : str
        ``PREFIX:ARGUMENT``.
    raw : RawData
        The rows.
    shape : tuple of int
        That of an example, as it was found.
    asked : Asked
        What a person said.
    """
    asked.refuse_roles()
    proposal = Proposal()
    proposal.set("fetch", sources=[source], **asked.section("fetch"))
    propose_pictures(raw.features, shape, proposal)
    proposal.set("preprocess", **asked.section("preprocess"))
    settings = Preprocess.model_validate(proposal.block["preprocess"])
    rows, labels = take_labelled(raw.table["label"])
    examples: Pictures | Table = read_arrays(raw.features[rows])
    if settings.image_shape:
        examples = to_images(raw.features[rows], raw.table["id"].iloc[rows], settings)
    proposal.head = str(examples)
    proposal.found.append(str(examples))
    look_at_labels(raw.table["label"], proposal)
    look_at_examples(examples, labels, proposal)
    propose_budget(proposal)
    if settings.image_shape:
        proposal.chosen.append("model: cnn, a small network")
    return proposal


def propose_pictures(features: np.ndarray, shape: tuple[int, ...], proposal: Proposal) -> None:
    """Propose to take rows of numbers for pictures, if they look so."""
    image = find_image_shape(features, shape)
    if image is None:
        return
    white = find_white(features)
    proposal.set("preprocess", image_shape=list(image), **({"pixel_max": white} if white != WHITE else {}))
    proposal.chosen.append(
        f"pictures of {'×'.join(map(str, image))} (channels, height, width), {white} being white; if the rows are no "
        "pictures, say --set preprocess.image_shape=null"
    )


def find_image_shape(features: np.ndarray, shape: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Return the channels, height and width of an example, if it is a picture."""
    if len(shape) == 3:
        return shape[0], shape[1], shape[2]
    if len(shape) == 2:
        return 1, shape[0], shape[1]
    side = math.isqrt(features.shape[1])
    is_square = side * side == features.shape[1] and side >= SMALLEST
    return (1, side, side) if is_square and features.dtype == np.uint8 else None


def find_white(features: np.ndarray) -> int:
    """Return the value that means white: 1 for fractions, the largest for few levels, else 255."""
    largest = features.max()
    return math.ceil(largest) if largest <= 1 or (largest < 64 and features.dtype == np.uint8) else WHITE
