"""What the page sends."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# at most so many rows are taken from the map at once
PICKED = 5000


class Row(BaseModel):
    """What a person chose for one row."""

    model_config = ConfigDict(extra="forbid", strict=True)
    id: str
    decision: str
    label: str = ""
    settles: str = ""


class Choice(BaseModel):
    """What a person chose in one go, for one row or several; ``blind`` without having seen a suggestion.

    A row that was handed out on the way to a certificate comes with its ``card``.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    reviewer: str = Field(min_length=1)
    rows: list[Row] = Field(min_length=1)
    note: str = ""
    blind: bool = False
    card: str = ""


class Pick(BaseModel):
    """The numbers of the rows that a person picked on the map."""

    model_config = ConfigDict(extra="forbid", strict=True)
    rows: list[Annotated[int, Field(ge=0)]] = Field(max_length=PICKED)


class Undo(BaseModel):
    """Who takes back what was last decided."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reviewer: str = Field(min_length=1)
