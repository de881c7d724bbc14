"""Adds a data set: looks at what is there, proposes a block, and writes it where nothing is wrong with it."""

import re
from dataclasses import replace
from typing import Any

import yaml
from pydantic import ValidationError

from dataset import places
from dataset.asking import Asked, put
from dataset.proposal import Proposal
from dataset.source import find_look, find_source
from dataset.text import format_block
from stages.artifacts.files import data_folder
from stages.check.__main__ import check_block
from stages.command.errors import InputError
from stages.command.params import OTHER_SECTIONS, PARAMS_FILE, SECTIONS, find_block, read_params
from stages.command.run import check_name
from stages.fetch.raw import SourceError

# the keys that name a column, and the options that do so here
ROLES = {f"fetch.{role}": role for role in ("label", "id", "group", "split")} | {"preprocess.text": "text"}
KEY = re.compile(rf"\b(?:{'|'.join(SECTIONS)})(?:\.[a-z_]+)+")


def add(name: str, place: str, asked: Asked, *, dry_run: bool, runs: bool = False) -> str:
    """Add a data set, and return what was found and written.

    Parameters
    ----------
    name : str
        What it is to be called.
    place : str
        A path, a URL, or a source.
    asked : Asked
        What the command line says of it.
    dry_run : bool
        Whether the block is only returned.
    runs : bool
        Whether what comes next is done at once, and need not be said.

    Raises
    ------
    InputError
        If anything is wrong with the name, the place, the data or the block; then nothing is written.
    """
    check_new(name)
    both = places.read_both()
    proposal = look(place, asked)
    block = proposal.ordered()
    said = f"{proposal.head}; added by `python -m dataset add`"
    lines = format_proposal(proposal)
    check_proposed(name, block)
    after = places.add(both, name, block, said)
    if dry_run:
        return "\n".join([*lines, "", format_block(name, block, said).rstrip(), "", "dry run: nothing is written"])
    places.write_both(both, after)
    kept = data_folder(name) / "decisions.csv"
    earlier = [f"{kept} is there already: its decisions count"] if kept.exists() else []
    return "\n".join([*lines, "", format_block(name, block, said).rstrip(), "", *earlier, *say_next(name, runs)])


def say_next(name: str, runs: bool) -> list[str]:
    """Say what was written, and what to do next, unless that is done at once."""
    written = f"written: '{name}' as a block and in `datasets` in params.yaml, {places.name_artifact(name)} in dvc.yaml"
    return [written, *([] if runs else [f"next: `dvc repro report@{name}`, commit, then `python -m review {name}`"])]


def look(place: str, asked: Asked) -> Proposal:
    """Look at what is at a place, and return what is found and proposed, with the keys that the user has set."""
    asked = replace(asked, roles={**read_roles(asked.keys), **asked.roles})
    try:
        module, argument = find_look(find_source(place))
        proposal: Proposal = module.look(argument, asked)
    except (SourceError, InputError) as error:
        raise InputError(to_options(str(error))) from None
    except ValidationError as error:
        wrong = error.errors()[0]
        raise InputError(
            f"--set {'.'.join(map(str, wrong['loc']))}: {wrong['msg'].removeprefix('Value error, ')}"
        ) from None
    for key, value in asked.keys.items():
        put(proposal.block, key.split("."), value)
    return proposal


def read_roles(keys: dict[str, Any]) -> dict[str, str]:
    """Return the columns that ``--set`` names, as if their own options did."""
    named = {role: keys[key] for key, role in ROLES.items() if keys.get(key)}
    return {role: ",".join(map(str, name)) if isinstance(name, list) else str(name) for role, name in named.items()}


def to_options(message: str) -> str:
    """Return a message with the options that set here what it names of params.yaml."""
    lines = []
    for line in message.removeprefix("raw/labels.csv: ").splitlines():
        for key, role in ROLES.items():
            line = line.replace(key, f"--{role}")
        keys = sorted(set(KEY.findall(line)))
        lines.append(line + (f"; here: --set {keys[0]}=VALUE" if keys else ""))
    return "\n".join(lines)


def is_added(name: str, place: str, asked: Asked) -> bool:
    """Say whether an earlier call has written this very block, as one did whose run was interrupted."""
    return is_listed(name) and find_block(name) == look(place, asked).ordered()


def is_listed(name: str) -> bool:
    """Say whether params.yaml lists a data set."""
    listed = read_params().get("datasets")
    return isinstance(listed, list) and name in listed


def check_new(name: str) -> None:
    """Raise InputError if a name is no name of a data set, or is taken, by one that may only wait to be run."""
    if is_listed(name):
        raise InputError(
            f"{PARAMS_FILE}: '{name}' is taken; `dvc repro report@{name}` goes on with it; to add it anew, "
            f"`python -m dataset remove {name}` first, or choose another name"
        )
    check_free(name)


def check_free(name: str) -> None:
    """Raise InputError if a name is no name of a data set, or is taken."""
    check_name(name)
    params = read_params()
    if name in places.NAMING:
        raise InputError(f"{PARAMS_FILE}: '{name}' has a meaning of its own there; choose another name")
    if not reads_as_text(name):
        raise InputError(f"'{name}' is read by YAML as {yaml.safe_load(name)!r}, and not as a name; choose another")
    if name in params:
        raise InputError(
            f"{PARAMS_FILE}: '{name}' is taken; choose another name, or `python -m dataset remove {name}` first"
        )


def reads_as_text(name: str) -> bool:
    """Say whether YAML 1.1, which the stages read, and YAML 1.2, which DVC reads, take a name for a text."""
    try:
        float(name)
    except ValueError:
        octal = re.fullmatch(r"0o[0-7]+", name)
        return isinstance(yaml.safe_load(name), str) and not octal
    return False


def check_proposed(name: str, block: dict[str, Any]) -> None:
    """Raise InputError with a line for each mistake in a block."""
    _, mistakes = check_block(name, block)
    if mistakes:
        raise InputError("\n".join(mistakes))


def format_proposal(proposal: Proposal) -> list[str]:
    """Return the lines that tell a person what was found, what is odd, and what is proposed."""
    parts = {"found": proposal.found, "look at": proposal.odd, "proposed": proposal.chosen}
    return [
        f"{head + ':' if not number else '':<10}{line}"
        for head, each in parts.items()
        for number, line in enumerate(each)
    ]


def read_keys(settings: list[str]) -> dict[str, Any]:
    """Return the keys of ``--set SECTION.KEY=VALUE``, with values as YAML reads them."""
    keys: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        section = key.partition(".")[0]
        if not equals or section not in (*SECTIONS, *OTHER_SECTIONS) or "." not in key:
            raise InputError(f"--set {setting}: write it like --set split.repeats=3; sections: {', '.join(SECTIONS)}")
        try:
            keys[key] = yaml.safe_load(value)
        except yaml.YAMLError:
            keys[key] = value
    return keys
