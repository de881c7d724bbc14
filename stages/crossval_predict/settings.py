"""What ``crossval_predict`` in params.yaml may hold."""

from typing import Literal

from pydantic import Field

from stages.params import Section


class Settings(Section):
    """A network and how it is trained; params.yaml says what each key does."""

    model: Literal["cnn", "tutorial_cnn"] = "cnn"
    folds: int = Field(default=5, ge=2)
    max_epochs: int = Field(default=6, ge=1)
    batch_size: int = Field(default=128, ge=1)
    optimizer: Literal["adamw", "sgd"] = "adamw"
    schedule: Literal["one_cycle", "constant"] = "one_cycle"
    lr: float = Field(default=0.01, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    shuffle: bool = True
    validation: float = Field(default=0.0, ge=0, le=0.5)
    seed: int = Field(default=0, ge=0)
