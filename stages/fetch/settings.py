"""What ``fetch`` in params.yaml may hold."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from stages.command.params import Section


def _check_sha256(value: str) -> str:
    if re.fullmatch("[0-9a-f]{64}", value):
        return value
    raise ValueError("give the 64 hexadecimal digits that fetch prints, in small letters, or null")


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
    label: str | None = Field(
        default=None, description="a table's column of labels; csv and parquet need it, other sources name one"
    )
    id: str | None = Field(default=None, description="a table's column of unique ids; `null` numbers the rows from 0")
    group: str | None = Field(
        default=None, description="a table's column of groups; rows of one group stay in one fold"
    )
    split: str | None = Field(
        default=None, description="a table's column that says which split a row belongs to, such as train and test"
    )

    @property
    def columns(self) -> dict[str, str | None]:
        """The columns of a table that are none of its features, by what each is, in their order in ``labels.csv``."""
        return {"id": self.id, "label": self.label, "group": self.group, "split": self.split}
