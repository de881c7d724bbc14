"""What ``embed`` in params.yaml may hold."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from stages.artifacts.weights import SMALLEST_SIDE, check_revision
from stages.command.errors import suggest
from stages.command.modules import list_names
from stages.command.params import Section
from stages.embed import sources

KEY = "params.yaml: embed.source"
AUTO = "auto"


def list_prefixes() -> dict[str, str]:
    """Return the module of each prefix of a source."""
    return {name.replace("_", "-"): name for name in list_names(sources)}


def _check_source(value: object) -> object:
    if value == AUTO or not isinstance(value, str):
        return value
    prefix, _, argument = value.partition(":")
    known = list_prefixes()
    if prefix not in known:
        raise ValueError(f"it is of no known kind{suggest(prefix, known)}; give {AUTO}, {', '.join(known)}")
    if prefix != "npy":
        check_revision(argument)
    return value


class Settings(Section):
    """What makes the vectors; params.yaml says what each key does."""

    source: Annotated[str, BeforeValidator(_check_source)] = Field(
        default=AUTO, min_length=1, description="what brings rows to vectors: `auto`, or `PREFIX:ARGUMENT`"
    )
    size: int | None = Field(
        default=None,
        ge=SMALLEST_SIDE,
        description="the side in pixels to which `timm:` brings pictures; `null` for its own",
    )
