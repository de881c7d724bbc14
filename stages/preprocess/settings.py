"""What ``preprocess`` in params.yaml may hold."""

from typing import Annotated, Literal

import pandas as pd
from pydantic import BeforeValidator, Field

from stages.params import Section

WHITE = 255
SHOWN = 5


def _as_shape(value: object) -> object:
    if isinstance(value, list) and len(value) == 3:
        return tuple(value)
    raise ValueError("give [channels, height, width]")


Size = Annotated[int, Field(ge=1)]


class Settings(Section):
    """What rows are taken, and how pictures are made alike; params.yaml says what each key does."""

    image_shape: Annotated[tuple[Size, Size, Size], BeforeValidator(_as_shape)]
    pixel_max: float = Field(default=float(WHITE), gt=0)
    unlabelled: Literal["stop", "leave_out"] = "stop"
    fit: Literal["resize", "crop", "pad"] = "resize"
    max_pixels: int = Field(default=50_000_000, ge=1)


def some(ids: pd.Series) -> str:
    """Name the first few of some rows."""
    shown = ", ".join(ids.head(SHOWN)) + (", …" if len(ids) > SHOWN else "")
    return f"{len(ids):,} row(s) (id {shown})"
