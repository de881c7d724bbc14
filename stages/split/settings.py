"""What ``split`` in params.yaml may hold."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from stages.command.params import Section


def _check_folds(value: int) -> int:
    if value == 1:
        raise ValueError("give a whole number of at least 2, or 0 if the probabilities come from a file")
    return value


class Settings(Section):
    """Which labels are trained on, and how the rows are dealt to folds; params.yaml says what each key does."""

    labels: Literal["given", "decided"] = "given"
    folds: Annotated[int, Field(ge=0), AfterValidator(_check_folds)] = 5
    repeats: int = Field(default=1, ge=1)
    rare_classes: Literal["stop", "leave_out"] = "stop"
    seed: int = Field(default=0, ge=0)
