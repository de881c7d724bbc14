"""Print the page of every key: ``python -m docs.parameters > docs/parameters.md``.

The keys, their defaults, limits and descriptions are those of the schemas that params.yaml is checked by.
"""

import json
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

import labels.gate as gate
import stages.compare.settings as compare
import stages.flip.settings as flip
from stages.check.__main__ import SCHEMAS
from stages.command.params import Section

HEAD = """\
# Parameters

Every key of params.yaml. Do not edit this page: `python -m docs.parameters > docs/parameters.md` writes it from the
schemas that the stages check params.yaml by.

A data set's block has a section for each of the stages below. A section that is left out has its defaults; only
`fetch.sources` is needed. The comments in [params.yaml](../params.yaml) say when to change a key. The first stage,
`check`, stops at keys that are unknown and values that are not allowed, with a line for each.
"""
SECTIONS: dict[str, type[Section]] = {
    **SCHEMAS,
    "gate": gate.Settings,
    "audited": flip.Settings,
    "compared": compare.Settings,
}
TEXTS = {
    "fetch": "Where the data comes from. [Your own data](own-data.md) lists the sources.",
    "preprocess": "Which rows are taken, how pictures are made alike, and how columns are read.",
    "embed": "What brings each row to a vector. [Pretrained features](pretrained.md) lists the sources.",
    "inspect": "How rows are laid out on [the map](review.md#the-map).",
    "split": "Which labels are trained on, and how rows are dealt to folds. "
    "[Rounds](rounds.md) says what `decided` is for.",
    "crossval_predict": "What is trained, and how. [Models](models.md) lists the models.\n"
    "Only networks have the keys from `max_epochs` to `validation`.",
    "find_issues": "How rows are ranked, and which are flagged. [Method](method.md) explains both.",
    "clean": "What becomes of flagged rows on which nobody has decided.",
    "report": "What the report shows.",
    "gate": "What [`python -m labels gate`](versions.md#guard-labels-in-ci) lets pass. No stage reads it.",
    "audited": "How a data set in the list `audited`, at the top of params.yaml, is [audited](method.md#the-audit):\n"
    "`audited: [digits, {pets: {noise: uniform, share: 0.1, seed: 1}}]`.",
    "compared": "How a data set in the list `compared`, at the top of params.yaml, is [compared](compared.md):\n"
    "`compared: [{digits: {repeats: 3}}]`.",
}
WORDS = {
    str: "text", int: "whole number", float: "number", bool: "`true`, `false`", NoneType: "`null`",
    list: "list", tuple: "list", dict: "keys and values",
}  # fmt: skip


def format_page() -> str:
    """Return the page, with a table for each section."""
    return "\n".join([HEAD, *(format_section(name, schema, TEXTS[name]) for name, schema in SECTIONS.items())])


def format_section(section: str, schema: type[Section], text: str) -> str:
    """Return a section's heading, what it is for, and a row for each of its keys."""
    rows = [
        f"| `{section}.{key}` | {format_default(field)} | {describe_values(field)} | {field.description} |"
        for key, field in list_keys(schema).items()
    ]
    head = ["| key | default | allowed | what it does |", "| --- | --- | --- | --- |"]
    return "\n".join([f"## {section}", "", text, "", *head, *rows, ""])


def list_keys(schema: type[Section]) -> dict[str, FieldInfo]:
    """Return a section's keys; those of a section in it have its name before them."""
    keys: dict[str, FieldInfo] = {}
    for key, field in schema.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Section):
            keys |= {f"{key}.{name}": each for name, each in list_keys(inner).items()}
        else:
            keys[key] = field
    return keys


def format_default(field: FieldInfo) -> str:
    """Return a key's default as params.yaml would have it."""
    if field.is_required():
        return "(needed)"
    value = field.default
    return f"`{value:g}`" if type(value) is float else f"`{json.dumps(value).strip(chr(34))}`"


def describe_values(field: FieldInfo) -> str:
    """Say which values a key may have: their type and, for numbers, the limits."""
    if field.examples:
        return ", ".join(f"`{name}`" for name in field.examples)
    own_type = type(field.default)
    names = [*([WORDS[str]] if own_type is str and "list" in name_types(field.annotation) else [])]
    names += name_types(field.annotation)
    return ", ".join([*dict.fromkeys(names), *(text for each in field.metadata for text in describe_limit(each))])


def name_types(annotation: Any) -> list[str]:
    """Name the types of an annotation, or the values of a ``Literal``."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return [f"`{value}`" for value in arguments]
    if origin is Annotated:
        return name_types(arguments[0])
    if origin in (Union, UnionType):
        return [name for argument in arguments for name in name_types(argument)]
    return [WORDS[origin or annotation]]


def describe_limit(limit: object) -> list[str]:
    """Put a limit of a number into words."""
    match limit:
        case Ge(ge=least):
            return [f"{least} or more"]
        case Gt(gt=least):
            return [f"above {least}"]
        case Le(le=most):
            return [f"at most {most}"]
    return []


if __name__ == "__main__":
    print(format_page(), end="")
