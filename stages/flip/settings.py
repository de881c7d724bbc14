"""What ``audited`` in params.yaml may hold: names of data sets, each maybe with which labels are flipped."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from stages.command.listed import find_listed
from stages.command.params import Section
from stages.flip.noise import MOST_OF_A_CLASS, Kind


def _check_share(value: object) -> object:
    if isinstance(value, float) and 0 < value < MOST_OF_A_CLASS:
        return value
    raise ValueError(f"give the share of labels to flip, a number above 0 and below {MOST_OF_A_CLASS}, such as 0.05")


class Settings(Section):
    """Which labels are flipped, and how many."""

    noise: Kind = Field(
        default="instance_dependent",
        description="which labels are flipped: of any row, of some classes, or of hard rows rather than easy ones",
    )
    share: Annotated[float, BeforeValidator(_check_share)] = Field(
        default=0.05, description="the share of labels to flip, above 0 and below 0.4"
    )
    seed: int = Field(default=0, ge=0, description="draws the rows")


def find_settings(dataset: str) -> Settings | None:
    """Return how a data set is audited, or None if it is not."""
    return find_listed(dataset, "audited", Settings)
