"""What ``fetch`` in params.yaml may hold."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from stages.command.params import Section

UNQUOTED = "none"


def _check_sha256(value: str) -> str:
    if re.fullmatch("[0-9a-f]{64}", value):
        return value
    raise ValueError("give the 64 hexadecimal digits that fetch prints, in small letters, or null")


def _check_encoding(value: str) -> str:
    try:
        "".encode(value)
    except (LookupError, ValueError):
        raise ValueError("give the name of an encoding, such as utf-8, latin-1 or windows-1252") from None
    return value


def _check_delimiter(value: str) -> str:
    if len(value) == 1 and value not in "\r\n\"'":
        return value
    raise ValueError('give one sign that is no quote and no line break, a tab as "\\t" in double quotes')


def _check_quote(value: str) -> str:
    if value == UNQUOTED or (len(value) == 1 and not value.isspace()):
        return value
    raise ValueError(f"give one sign, or {UNQUOTED} if quotes are signs of the text")


def _as_header(value: object) -> object:
    if isinstance(value, bool) or (value and isinstance(value, list) and all(isinstance(name, str) for name in value)):
        return value
    raise ValueError("give true, false, or a list of names, [a, b], those that look like numbers in quotes")


def _as_label(value: object) -> object:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and len(value) > 1 and all(isinstance(name, str) for name in value):
        return value
    raise ValueError(
        "give the name of a column, or a list of two or more, [a, b], one for each annotator, those that look like "
        "numbers in quotes"
    )


class Csv(Section):
    """How CSV files are written, where their lines do not tell; params.yaml says what each key does."""

    encoding: Annotated[str, AfterValidator(_check_encoding)] | None = Field(
        default=None, description="of CSV files: `latin-1`, `windows-1252`, …; `null` is UTF-8, or what the file marks"
    )
    delimiter: Annotated[str, AfterValidator(_check_delimiter)] | None = Field(
        default=None, description="the sign between cells; `null` finds a comma, a semicolon, a tab or a `\\|`"
    )
    quote: Annotated[str, AfterValidator(_check_quote)] | None = Field(
        default=None,
        description='the sign around cells, or `none` if quotes are signs of the text; `null` is `"` if that fits',
    )
    header: Annotated[bool | list[str], BeforeValidator(_as_header)] = Field(
        default=True,
        description="whether the first line names the columns; `false` calls them c1, c2, …; a list names them",
    )
    comment: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="lines that begin with this are left out"
    )


class Settings(Section):
    """Where the data comes from; params.yaml says what each key does."""

    sources: list[str] = Field(min_length=1, description="where the data is: `PREFIX:ARGUMENT`, in the order to try")
    sha256: Annotated[str, AfterValidator(_check_sha256)] | None = Field(
        default=None,
        description="pins the content: a source that gives anything else is passed over; `fetch` prints the value",
    )
    max_unpacking: float = Field(
        default=100, ge=1, description="how many times larger than an archive its files may be, all together"
    )
    max_download: float = Field(
        default=10, gt=0, description="how many gigabytes a file may have that comes from the web or from a store"
    )
    label: Annotated[str | list[str] | None, BeforeValidator(_as_label)] = Field(
        default=None,
        description="a table's column of labels; csv and parquet need it, other sources name one; a list names a "
        "column for each annotator",
    )
    annotations: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="a file of what several annotators said: CSV with the columns id, annotator, label and maybe time, "
        "or Label Studio's JSON export; the source's own labels then count for nothing",
    )
    id: str | None = Field(default=None, description="a table's column of unique ids; `null` numbers the rows from 0")
    group: str | None = Field(
        default=None, description="a table's column of groups; rows of one group stay in one fold"
    )
    split: str | None = Field(
        default=None, description="a table's column that says which split a row belongs to, such as train and test"
    )
    csv: Csv = Csv()

    @model_validator(mode="after")
    def _check_annotators(self) -> Self:
        if self.annotations and self.annotators:
            raise ValueError("label names a column for each annotator, and annotations a file of them; remove one")
        return self

    @property
    def annotators(self) -> list[str]:
        """The columns of the annotators, if they have one each."""
        return self.label if isinstance(self.label, list) else []

    @property
    def first_label(self) -> str | None:
        """The label's column, or the first annotator's."""
        return self.label[0] if isinstance(self.label, list) else self.label

    @property
    def columns(self) -> dict[str, str | None]:
        """The columns of a table that are none of its features, by what each is, in their order in ``labels.csv``.

        Those of annotators are called ``label[0]`` and so on. No column need be the label where a file has the labels.
        """
        labels: dict[str, str | None] = {f"label[{number}]": name for number, name in enumerate(self.annotators)}
        if not labels and (self.label or not self.annotations):
            labels = {"label": str(self.label) if self.label else None}
        return {"id": self.id, **labels, "group": self.group, "split": self.split}

    def columns_with(self, label: str | None) -> dict[str, str | None]:
        """Return the same, with the label's column where the settings name none."""
        if self.label or label is None:
            return self.columns
        return {"id": self.id, "label": label, "group": self.group, "split": self.split}
