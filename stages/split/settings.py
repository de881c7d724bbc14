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

    labels: Literal["given", "decided"] = Field(
        default="given", description="train on the labels as given, or as people have decided so far"
    )
    folds: Annotated[int, Field(ge=0), AfterValidator(_check_folds)] = Field(
        default=5,
        description="how many parts the rows are dealt into; a model trained on the others predicts each; "
        "0 deals none, if the probabilities come from a file",
    )
    repeats: int = Field(
        default=1,
        ge=1,
        description="how often to do it all, each time with other folds; the probabilities are averaged",
    )
    rare_classes: Literal["stop", "leave_out"] = Field(
        default="stop",
        description="what to do with a class of fewer rows than folds: stop, or neither train on it nor judge it",
    )
    seed: int = Field(default=0, ge=0, description="fixes the folds")
