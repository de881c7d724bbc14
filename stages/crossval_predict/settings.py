"""What ``crossval_predict`` in params.yaml may hold."""

from typing import Literal, Self

from pydantic import Field, model_validator

from stages.params import Section


class Settings(Section):
    """A network and how it is trained; params.yaml says what each key does."""

    labels: Literal["given", "decided"] = "given"
    pred_probs: str | None = None
    model: Literal["cnn", "tutorial_cnn"] = "cnn"
    folds: int = Field(default=5, ge=2)
    repeats: int = Field(default=1, ge=1)
    max_epochs: int = Field(default=6, ge=1)
    average_epochs: int = Field(default=1, ge=1)
    batch_size: int = Field(default=128, ge=1)
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
