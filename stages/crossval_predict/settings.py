"""What ``crossval_predict`` in params.yaml may hold."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from stages.artifacts.weights import check_revision
from stages.command.params import MOVED, Section
from stages.crossval_predict.models.registry import AUTO, FINE_TUNED, VIEWS, is_fine_tuned


def _check_name(value: object) -> object:
    if isinstance(value, str) and is_fine_tuned(value) and value != FINE_TUNED:
        check_revision(value)
        return value
    if value in (AUTO, *VIEWS) or (isinstance(value, str) and re.fullmatch(r"[\w.]+[.:]\w+", value)):
        return value
    raise ValueError(
        f"give {AUTO}, {', '.join(VIEWS)}, {FINE_TUNED}NAME@REVISION, {FINE_TUNED}FOLDER, or the import path of a "
        "class, for instance mypackage:MyNet"
    )


class Shared(Section):
    """What holds for all models alike."""

    pred_probs: str | None = Field(
        default=None, min_length=1, description="a file of probabilities to use instead of training"
    )
    seed: int = Field(default=0, ge=0, description="fixes the first weights and the order of batches")


class Training(Section):
    """How a model is trained: what its class is called with and, from ``max_epochs``, what only networks have."""

    arguments: dict[str, Any] = Field(default={}, description="what the model's class is called with")
    max_epochs: int = Field(default=12, ge=1, description="passes over the training rows; of `timm:` 5")
    average_epochs: int = Field(default=1, ge=1, description="average the probabilities over the last so many epochs")
    batch_size: int = Field(
        default=32, ge=1, description="rows in a training step; 128 is faster if there are many rows; of `timm:` 16"
    )
    optimizer: Literal["adamw", "sgd"] = Field(default="adamw", description="what updates the weights")
    schedule: Literal["one_cycle", "constant"] = Field(
        default="one_cycle", description="the learning rate over time: `one_cycle` rises to `lr` and falls to nothing"
    )
    lr: float = Field(default=0.01, gt=0, description="the learning rate, or the highest one; of `timm:` 0.003")
    weight_decay: float = Field(default=0.01, ge=0, description="how strongly weights are pulled towards 0")
    shuffle: bool = Field(default=True, description="take the training rows in a new order in each pass")
    train_shift: int = Field(
        default=0, ge=0, description="move training pictures by up to so many pixels; of `timm:` 4"
    )
    predict_shift: int = Field(default=0, ge=0, description="average over copies of a picture moved by so many pixels")
    validation: float = Field(
        default=0.0, ge=0, le=0.5, description="the share of the training rows kept back to measure the curves on"
    )


# Where `Training` has other defaults for a pretrained network, which has learnt most of what it needs.
FINE_TUNED_DEFAULTS = {"max_epochs": 5, "batch_size": 16, "lr": 0.003, "train_shift": 4}
NETWORK_KEYS = tuple(key for key in Training.model_fields if key != "arguments")


class Settings(Training):
    """One model and how it is trained."""

    model: str = AUTO
    seed: int = Field(default=0, ge=0)


class Member(Training):
    """One of the models of a section, with what it sets for itself alone."""

    model: Annotated[str, BeforeValidator(_check_name)]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, dict):
            return {"model": value}
        for key in value:
            if key in Shared.model_fields:
                raise ValueError(f"{key} holds for all models alike; set it beside `model`, not in it")
            if ("crossval_predict", key) in MOVED:
                raise ValueError(f"{key} holds for all models alike; set it in the section split")
            if key not in cls.model_fields:
                raise ValueError(f"{key!r} is unknown; a model of a list may have: {', '.join(cls.model_fields)}")
        return value


def _list_members(value: object) -> object:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        raise ValueError("a model with keys of its own stands in a list")
    return [{"model": _check_name(value)}]


class SectionSettings(Training, Shared):
    """One model or several, and how they are trained; params.yaml says what each key does."""

    model: Annotated[list[Member], Field(min_length=1), BeforeValidator(_list_members)] = Field(
        default=AUTO,
        validate_default=True,
        description="what to train: a name, the import path of a class, or a list of models to average",
    )

    def of_each(self) -> list[Settings]:
        """Return the settings of each model: those of the section, but for what it sets for itself."""
        shared = self.model_dump(exclude_unset=True, exclude={"model", "pred_probs"})
        defaults = [FINE_TUNED_DEFAULTS if is_fine_tuned(member.model) else {} for member in self.model]
        return [
            Settings(**own | shared | member.model_dump(exclude_unset=True))
            for own, member in zip(defaults, self.model, strict=True)
        ]

    @model_validator(mode="after")
    def _check_average(self) -> Self:
        for each in self.of_each():
            if each.average_epochs > each.max_epochs:
                of = f" of {each.model}" if len(self.model) > 1 else ""
                raise ValueError(
                    f"average_epochs ({each.average_epochs}) is more than max_epochs ({each.max_epochs}){of}"
                )
        return self
