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

    sources: list[str] = Field(min_length=1)
    sha256: Annotated[str, AfterValidator(_check_sha256)] | None = None
    max_unpacking: float = Field(default=100, ge=1)
    label: str | None = None
    id: str | None = None
    group: str | None = None
