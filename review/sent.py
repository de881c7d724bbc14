"""What the page sends."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# at most so many rows are taken from the map at once
PICKED = 5000


# letters that a note, and a name, may have
NOTE, NAME = 10_000, 200


def to_line(text: str) -> str:
    """Return a text on one line, without signs that cannot be seen, so that each decision is one line of its file."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def check_named(name: str) -> str:
    """Raise ValueError if nothing is left of a name."""
    if not name:
        raise ValueError("the reviewer's name is empty")
    return name


Name = Annotated[str, Field(max_length=NAME), AfterValidator(to_line), AfterValidator(check_named)]
Note = Annotated[str, Field(max_length=NOTE), AfterValidator(to_line)]


class Row(BaseModel):
    """What a person chose for one row."""

    model_config = ConfigDict(extra="forbid", strict=True)
    id: str
    decision: str
    label: str = ""
    settles: str = ""


class Choice(BaseModel):
    """What a person chose in one go, for one row or several; ``blind`` without having seen a suggestion.

    A row that was handed out on the way to a certificate comes with its ``card``. ``run`` is the stamp of the results
    that it was chosen on: of others, its ids may be other rows. What comes again under the same ``name`` is the same
    choice: a page that was left before the answer came does not know whether it was written.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    reviewer: Name
    rows: list[Row] = Field(min_length=1)
    name: str = Field(default="", max_length=NAME)
    note: Note = ""
    blind: bool = False
    card: str = ""
    run: str = ""


class Pick(BaseModel):
    """The numbers of the rows that a person picked on the map."""

    model_config = ConfigDict(extra="forbid", strict=True)
    rows: list[Annotated[int, Field(ge=0)]] = Field(max_length=PICKED)


class Undo(BaseModel):
    """Who takes back what was last decided."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reviewer: Name


class Mending(BaseModel):
    """Whether decisions that somebody has taken out of the file are to be written again, or left out for good."""

    model_config = ConfigDict(extra="forbid", strict=True)
    again: bool
