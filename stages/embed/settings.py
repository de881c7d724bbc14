"""What ``embed`` in params.yaml may hold."""

from pydantic import Field

from stages.command.params import Section

AUTO = "auto"


class Settings(Section):
    """What makes the vectors; params.yaml says what each key does."""

    source: str = Field(
        default=AUTO, min_length=1, description="what brings rows to vectors: `auto`, or `PREFIX:ARGUMENT`"
    )
    size: int | None = Field(
        default=None, ge=16, description="the side in pixels to which `timm:` brings pictures; `null` for its own"
    )
