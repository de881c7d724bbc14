"""What ``crossval_predict`` in params.yaml may hold."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from stages.params import Section

BUILT_IN = ("cnn", "tutorial_cnn", "gradient_boosting", "logistic_regression", "tfidf")
AUTO = "auto"


def _check_model(value: object) -> object:
    if value in (AUTO, *BUILT_IN) or (isinstance(value, str) and re.fullmatch(r"[\w.]+[.:]\w+", value)):
        return value
    raise ValueError(f"give {AUTO}, {', '.join(BUILT_IN)}, or the import path of a class, for instance mypackage:MyNet")


class Settings(Section):
    """A model, how it is trained and on what; params.yaml says what each key does."""

    labels: Literal["given", "decided"] = "given"
    pred_probs: str | None = Field(default=None, min_length=1)
    model: Annotated[str, BeforeValidator(_check_model)] = AUTO
    arguments: dict[str, Any] = Field(default={})
    folds: int = Field(default=5, ge=2)
    repeats: int = Field(default=1, ge=1)
    rare_classes: Literal["stop", "leave_out"] = "stop"
    max_epochs: int = Field(default=12, ge=1)
    average_epochs: int = Field(default=1, ge=1)
    batch_size: int = Field(default=32, ge=1)
    optimizer: Literal["adamw", "sgd"] = "adamw"
    schedule: Literal["one_cycle", "constant"] = "one_cycle"
    lr: float = Field(default=0.01, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    shuffle: bool = True
    train_shift: int = Field(default=0, ge=0)
    predict_shift: int = Field(default=0, ge=0)
    validation: float = Field(default=0.0, ge=0, le=0.5)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _check_average(self) -> Self:
        if self.average_epochs > self.max_epochs:
            raise ValueError(f"average_epochs ({self.average_epochs}) is more than max_epochs ({self.max_epochs})")
        return self
