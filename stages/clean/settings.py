"""What ``clean`` in params.yaml may hold."""

from typing import Literal

from pydantic import Field

from stages.command.params import Section


class Settings(Section):
    """What ``clean`` in params.yaml may hold."""

    undecided: Literal["remove", "keep", "relabel"] = Field(
        default="keep",
        description="what to do with flagged rows on which nobody has decided; the other two act only if the model is "
        "good, and where `act_above` lets them",
    )
    act_above: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description="from which probability of an error on `remove` and `relabel` act; other rows are kept",
    )
    relabel_above: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description="how sure the model must be to relabel; a row on which it is less sure is removed",
    )
