"""What ``preprocess`` in params.yaml may hold."""

from typing import Annotated, Literal

import pandas as pd
from pydantic import BeforeValidator, Field

from stages.artifacts.kind import WHITE
from stages.artifacts.originals import MOST_PIXELS
from stages.command.errors import some
from stages.command.params import Section


def _as_shape(value: object) -> object:
    if value is None:
        return value
    if isinstance(value, list) and len(value) == 3:
        return tuple(value)
    raise ValueError("give [channels, height, width]")


def _as_names(value: object) -> object:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return value
    raise ValueError("give the name of a column, or a list of names, [a, b], those that look like numbers in quotes")


Size = Annotated[int, Field(ge=1)]
# what keeps a column out
LEAVE_OUT = "leave_out"


class Settings(Section):
    """What rows are taken, how pictures are made alike and columns read; params.yaml says what each key does."""

    unlabelled: Literal["stop", "leave_out", "suggest"] = Field(
        default="stop",
        description="what to do if rows have no label: stop, go on without them, or "
        "[suggest one](unlabelled.md): they are predicted, and never trained on",
    )
    unreadable: Literal["stop", "leave_out"] = Field(
        default="stop", description="what to do if pictures cannot be read or are too large, or texts are empty"
    )
    image_shape: Annotated[tuple[Size, Size, Size] | None, BeforeValidator(_as_shape)] = Field(
        default=None,
        description="the size that all pictures get, `[channels, height, width]`; `null` leaves files as they are",
    )
    pixel_max: float = Field(default=float(WHITE), gt=0, description="the value that means white, in arrays")
    fit: Literal["resize", "crop", "pad"] = Field(
        default="resize",
        description="how pictures in files get that size: `resize` may distort, `crop` cuts, `pad` adds black",
    )
    max_pixels: int = Field(
        default=50_000_000, ge=1, le=MOST_PIXELS, description="the most pixels that a picture in a file may have"
    )
    text: Annotated[str | list[str] | None, BeforeValidator(_as_names)] = Field(
        default=None, description="the column of texts, or a list of several"
    )
    columns: dict[str, Literal["numeric", "categorical", "date", "leave_out"]] = Field(
        default={},
        description="what columns are, if their cells do not tell: `numeric`, `categorical`, `date`, `leave_out`",
    )
    missing: list[str] = Field(
        default=[], description="cells of a table that stand for a missing value, beside the usual ones"
    )
    decimal: Literal[".", ","] = Field(
        default=".", description="the decimal sign of a table's numbers, where they can be read with either"
    )
    classes: dict[str, str] = Field(
        default={},
        description="the new names of classes, `{old: new}`; those with the same new name become one, and an empty one "
        "means no label",
    )


def name_rows(ids: pd.Series) -> str:
    """Say how many rows there are, and name the first few."""
    return f"{len(ids):,} row(s) (id {some(ids)})"
