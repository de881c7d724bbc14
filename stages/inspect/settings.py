"""What ``inspect`` in params.yaml may hold."""

from typing import Literal

from pydantic import Field

from stages.command.params import Section


class Settings(Section):
    """How the rows are laid out; params.yaml says what each key does."""

    map: Literal["pca", "tsne"] = Field(
        default="pca",
        description="how rows get a place on the map: `pca`, at once; or `tsne`, which keeps groups apart, takes "
        "minutes and needs requirements-embed.txt",
    )
