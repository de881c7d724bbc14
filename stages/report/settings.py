"""What ``report`` in params.yaml may hold."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from stages.command.params import Section


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Settings(Section):
    """What ``report`` in params.yaml may hold."""

    top: int = Field(default=60, ge=1, le=1000, description="how many flagged rows the page shows")
    examples: list[Annotated[str, BeforeValidator(_as_text)]] = Field(
        default=[], description="ids of rows to show one by one"
    )
