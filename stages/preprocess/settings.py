"""What ``preprocess`` in params.yaml may hold."""

from typing import Annotated, Literal

import pandas as pd
from pydantic import BeforeValidator, Field

from stages.command import some
from stages.params import Section

WHITE = 255


def _as_shape(value: object) -> object:
    if value is None:
        return value
    if isinstance(value, list) and len(value) == 3:
        return tuple(value)
    raise ValueError("give [channels, height, width]")


Size = Annotated[int, Field(ge=1)]


class Settings(Section):
    """What rows are taken, how pictures are made alike and columns read; params.yaml says what each key does."""

    unlabelled: Literal["stop", "leave_out"] = "stop"
    unreadable: Literal["stop", "leave_out"] = "stop"
    image_shape: Annotated[tuple[Size, Size, Size] | None, BeforeValidator(_as_shape)] = None
    pixel_max: float = Field(default=float(WHITE), gt=0)
    fit: Literal["resize", "crop", "pad"] = "resize"
    max_pixels: int = Field(default=50_000_000, ge=1)
    text: str | list[str] | None = None
    columns: dict[str, Literal["numeric", "categorical", "date", "leave_out"]] = Field(default={})


def name_rows(ids: pd.Series) -> str:
    """Say how many rows there are, and name the first few."""
    return f"{len(ids):,} row(s) (id {some(ids)})"
