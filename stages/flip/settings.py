"""What ``audited`` in params.yaml may hold: names of data sets, each maybe with which labels are flipped."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from stages.command.errors import InputError
from stages.command.params import PARAMS_FILE, Section, check_values, read_audited, read_block
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
    listed: dict[str, object] = {}
    for item in read_audited():
        if not isinstance(item, str | dict):
            raise InputError(f"{PARAMS_FILE}: audited: must hold names of data sets, not {item!r}")
        listed |= item if isinstance(item, dict) else {item: None}
    for name in listed:
        _check_block(str(name))
    if dataset not in listed:
        return None
    return check_values(f"{PARAMS_FILE}: audited.{dataset}", listed[dataset] or {}, Settings)


def _check_block(name: str) -> None:
    try:
        read_block(name)
    except InputError as error:
        raise InputError(f"{PARAMS_FILE}: audited: {str(error).removeprefix(f'{PARAMS_FILE}: ')}") from None
