"""Reads one section of params.yaml and checks it against the stage's schema."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from stages.command.errors import InputError, suggest

PARAMS_FILE = Path("params.yaml")
SECTIONS = (
    "fetch",
    "preprocess",
    "embed",
    "inspect",
    "split",
    "crossval_predict",
    "find_issues",
    "clean",
    "report",
)
# sections that no stage reads
OTHER_SECTIONS = ("gate",)
# lists of data sets with which more is done
LISTS = ("audited", "compared")
# where keys lie that older blocks have in another section
MOVED = {("crossval_predict", key): "split" for key in ("labels", "folds", "repeats", "rare_classes")}
# what to say in place of pydantic's words, by its type of error
WORDS = {
    "string_type": "give a text",
    "string_too_short": "give a text that is not empty",
    "int_type": "give a whole number",
    "int_from_float": "give a whole number",
    "float_type": "give a number",
    "finite_number": "give a finite number",
    "bool_type": "give true or false",
    "list_type": "give a list, [a, b]",
    "too_short": "give a list that is not empty",
    "dict_type": "give keys and values, {key: value}",
    "model_type": "give keys and values, {key: value}",
}


class Section(BaseModel):
    """One stage's parameters: a subclass declares each with its type, its limits and its default."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


SectionT = TypeVar("SectionT", bound=Section)


def read_section(dataset: str, section: str, schema: type[SectionT]) -> SectionT:
    """Read ``params.yaml``'s section of one stage for one data set; a section that is left out has its defaults.

    Parameters
    ----------
    dataset : str
        The block's name.
    section : str
        The stage's name, one of `SECTIONS`, or one of `OTHER_SECTIONS`.
    schema : subclass of Section
        What the stage allows.

    Returns
    -------
    Section
        An instance of ``schema``.

    Raises
    ------
    InputError
        With a line for each key that is unknown, missing, or has a value that is not allowed.
    """
    values = read_block(dataset).get(section)
    return check_values(f"{PARAMS_FILE}: {dataset}.{section}", {} if values is None else values, schema)


def read_datasets() -> list[str]:
    """Return the names of the data sets that ``params.yaml`` lists under ``datasets``."""
    names = read_params().get("datasets")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{PARAMS_FILE}: datasets: must be a list of data sets such as [digits], not {names!r}")
    return names


def check_values(where: str, values: object, schema: type[SectionT]) -> SectionT:
    """Check the keys and values at ``where`` against a schema."""
    if not isinstance(values, dict):
        raise InputError(f"{where}: must hold keys and values, not {values!r}")
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        lines = [_describe(where, details, schema) for details in error.errors()]
        raise InputError("\n".join(lines)) from None


def read_block(dataset: str) -> dict[str, Any]:
    """Return all of a data set's parameters; their values are not checked.

    Raises
    ------
    InputError
        If there is no such block, or with a line for each section that is unknown and each key that has moved.
    """
    block = find_block(dataset)
    if misplaced := list_misplaced(dataset, block):
        raise InputError("\n".join(misplaced))
    return block


def find_block(dataset: str) -> dict[str, Any]:
    """Return a data set's block as it is written; not even its sections are checked."""
    params = read_params()
    if dataset in params and not isinstance(params[dataset], dict):
        raise InputError(f"{PARAMS_FILE}: {dataset}: must hold sections such as fetch, not {params[dataset]!r}")
    if dataset not in params:
        blocks = [name for name, value in params.items() if isinstance(value, dict)]
        raise InputError(
            f"{PARAMS_FILE}: no block for the data set '{dataset}'{suggest(dataset, blocks)}; "
            f"there are: {', '.join(blocks)}"
        )
    block: dict[str, Any] = params[dataset]
    return block


def list_misplaced(dataset: str, block: dict[str, Any]) -> list[str]:
    """Return a line for each section of a block that is unknown, and for each key that has moved."""
    allowed = SECTIONS + OTHER_SECTIONS
    unknown = [
        f"{PARAMS_FILE}: {dataset}.{key}: unknown section{suggest(str(key), allowed)}; allowed: {', '.join(allowed)}"
        for key in block
        if key not in allowed
    ]
    moved = [
        f"{PARAMS_FILE}: {dataset}.{section}.{key}: this key lies in the section {new} now; move it to "
        f"{dataset}.{new}.{key}"
        for (section, key), new in MOVED.items()
        if isinstance(block.get(section), dict) and key in block[section]
    ]
    return [*unknown, *moved]


def read_params() -> dict[str, Any]:
    """Return all of ``params.yaml``."""
    try:
        params = parse(PARAMS_FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{PARAMS_FILE}: not found; run the command from the repository's root") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{PARAMS_FILE}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(params, dict):
        raise InputError(f"{PARAMS_FILE}: must hold `datasets` and a block for each data set")
    return params


def parse(text: str) -> Any:
    """Read YAML by libyaml, ten times as fast as in Python, whose parser tells better what is wrong."""
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return yaml.safe_load(text)


def _describe(where: str, details: ErrorDetails, schema: type[Section]) -> str:
    key = ".".join([where, *(str(part) for part in details["loc"] if part != "[key]")])
    if details["type"] == "extra_forbidden":
        known = _list_keys(schema, details["loc"][:-1])
        suggestion = suggest(str(details["loc"][-1]), known)
        return f"{key}: unknown key{suggestion}; allowed: {', '.join(known)}"
    if details["type"] == "missing":
        return f"{key}: missing; add the key"
    allowed = WORDS.get(details["type"], details["msg"].removeprefix("Value error, "))
    said = f"{allowed[0].lower()}{allowed[1:]}{_hint(details['type'], details['input'])}"
    # what is wrong with keys together names them itself
    return f"{key}: {details['input']!r} is not allowed: {said}" if details["loc"] else f"{where}: {said}"


def _list_keys(schema: type[Section], loc: Sequence[int | str]) -> list[str]:
    """Return the keys that a section allows, or those of a section in it."""
    for part in loc:
        inner = schema.model_fields[str(part)].annotation
        assert isinstance(inner, type)
        assert issubclass(inner, Section)
        schema = inner
    return list(schema.model_fields)


def _hint(kind: str, value: object) -> str:
    """YAML takes what looks like a number, a date or a truth for one; and 1e-3, without a point, for a text."""
    if kind == "string_type" and not isinstance(value, list | dict | None):
        return ", in quotes"
    if not isinstance(value, str):
        return ""
    try:
        number = float(value)
    except ValueError:
        return ""
    return f" (YAML reads {value} as text: write {number})"
