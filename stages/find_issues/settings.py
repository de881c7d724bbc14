"""What ``find_issues`` in params.yaml may hold; other rooms read it too, so it must not load cleanlab."""

import re
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from stages.command.modules import list_names
from stages.command.params import Section
from stages.find_issues import rules, scores
from stages.find_issues.registry import check_name


def _check_budget(value: object) -> object:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    percent = isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)? ?%", value) and 0 < float(value.rstrip(" %")) <= 100
    if whole or percent:
        return value
    raise ValueError("give a number of rows of at least 1, or a share such as 2%")


class Settings(Section):
    """What ``find_issues`` in params.yaml may hold."""

    rank_by: Annotated[str, AfterValidator(partial(check_name, scores))] = Field(
        default="noise_posterior",
        description="the score that ranks the rows; all but `noise_posterior` are cleanlab's",
        examples=list_names(scores),
    )
    flag: Annotated[str, AfterValidator(partial(check_name, rules))] = Field(
        default="yield",
        description="flag what is probably an error, the worst so many rows, or by one of cleanlab's filters",
        examples=list_names(rules),
    )
    min_yield: float = Field(default=0.5, gt=0, le=1, description="with `flag: yield`, how probable an error must be")
    budget: Annotated[int | str, BeforeValidator(_check_budget)] = Field(
        default="1%", description="the worst so many rows, or a share such as `2%`; it implies `flag: budget`"
    )

    @model_validator(mode="before")
    @classmethod
    def _take_budget(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {"flag": "budget", **values} if "budget" in values else values
