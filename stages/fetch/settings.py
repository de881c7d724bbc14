"""What ``fetch`` in params.yaml may hold."""

from pydantic import Field

from stages.params import Section


class Settings(Section):
    """Where the data comes from; params.yaml says what each key does."""

    sources: list[str] = Field(min_length=1)
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    max_unpacking: float = Field(default=100, ge=1)
    label: str | None = None
    id: str | None = None
    group: str | None = None
