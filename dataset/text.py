"""Edits YAML as text: what a person wrote stays byte for byte, comments, order and quotes included.

The places come from the parser, and what comes out is parsed again: `settle` refuses an edit that says anything else
than what was meant.
"""

import re
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from stages.command.errors import InputError

Entry = tuple[Node, Node]


def parse(text: str) -> Any:
    """Return what a text says."""
    return yaml.safe_load(text)


def settle(file: str, text: str, meant: Any) -> str:
    """Return the text, if it says what is meant.

    Raises
    ------
    InputError
        If it does not: the file is written in a way that only a person should edit.
    """
    try:
        if parse(text) == meant:
            return text
    except yaml.YAMLError:
        pass
    raise InputError(f"{file}: is written in a way that this command cannot edit safely; change it by hand")


def find(text: str, key: str) -> Entry | None:
    """Return the nodes of a key of the outermost mapping and its value."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return find_in(root, key) if root else None


def find_in(mapping: Node, key: str) -> Entry | None:
    """Return the nodes of a key of a mapping and its value."""
    entries = mapping.value if isinstance(mapping, MappingNode) else []
    return next(((name, value) for name, value in entries if name.value == key), None)


def find_end(text: str, node: Node, after: int = 0) -> int:
    """Return where the last line of a node ends, its break included.

    A value that is an alias lies elsewhere, before ``after``; then the line is the one of that place.
    """
    if node.end_mark.index <= after:
        return end_line(text, after)
    is_block = isinstance(node, MappingNode | SequenceNode) and not node.flow_style
    if not is_block or not node.value:
        return end_line(text, node.end_mark.index)
    last = node.value[-1]
    key, value = last if isinstance(node, MappingNode) else (None, last)
    return find_end(text, value, key.end_mark.index if key else after)


def end_line(text: str, index: int) -> int:
    """Return where the line ends that a place lies in, its break included."""
    if text[:index].endswith("\n"):
        # a text of several lines ends with its last break
        return index
    at = text.find("\n", index)
    return len(text) if at < 0 else at + 1


def find_line(text: str, index: int) -> int:
    """Return where the line begins that a place lies in."""
    return text.rfind("\n", 0, index) + 1


def get_break(text: str) -> str:
    """Return how the text's lines end."""
    return "\r\n" if "\r\n" in text else "\n"


def insert(text: str, at: int, lines: str) -> str:
    """Put lines in at the begin of a line, or at the end of the text."""
    end = get_break(text)
    before = text[:at]
    joined = end if before and not before.endswith("\n") else ""
    return before + joined + lines.replace("\n", end) + text[at:]


def add_block(text: str, name: str, block: dict[str, Any], said: str) -> str:
    """Add a block with a comment to the end of a text, after an empty line."""
    return insert(text, len(text), "\n" + format_block(name, block, said))


def format_block(name: str, block: dict[str, Any], said: str) -> str:
    """Write a block as the ones that ship are written, below a comment."""
    dumped = yaml.safe_dump({name: block}, sort_keys=False, allow_unicode=True, width=10**6, default_flow_style=None)
    return f"# {said}\n{dumped}"


def remove_block(text: str, name: str) -> str:
    """Take out a block, the comment right above it, and one empty line above that."""
    entry = find(text, name)
    if entry is None:
        return text
    start, end = find_line(text, entry[0].start_mark.index), find_end(text, entry[1], entry[0].end_mark.index)
    while text[find_line(text, start - 1) : start].startswith("#"):
        start = find_line(text, start - 1)
    # comments in the block, below its last key
    while re.match(r"[ \t]+#", text[end:]):
        end = end_line(text, end + 1)
    above = find_line(text, start - 1) if start else 0
    return text[: above if not text[above:start].strip() else start] + text[end:]


def add_item(text: str, key: str, name: str) -> str:
    """Add a name to the end of a list of the outermost mapping."""
    entry = find(text, key)
    if entry is None:
        raise InputError(f"params.yaml: {key}: missing; add `{key}: []` at the top")
    head, items = entry
    if not isinstance(items, SequenceNode) or not items.value:
        start = items.start_mark.index
        there = text[start : items.end_mark.index]
        return f"{text[:start]}{'' if there else ' '}[{name}]{text[items.end_mark.index :]}"
    last = items.value[-1]
    if items.flow_style:
        at = last.end_mark.index
        return f"{text[:at]}, {name}{text[at:]}"
    start = last.start_mark.index
    return insert(text, find_end(text, last, head.end_mark.index), f"{text[find_line(text, start) : start]}{name}\n")


def remove_item(text: str, key: str, name: str) -> str:
    """Take a name, or a name with keys of its own, out of a list of the outermost mapping."""
    head, items = find(text, key) or (None, None)
    if head is None or not isinstance(items, SequenceNode):
        return text
    found = [number for number, item in enumerate(items.value) if _name(item) == name]
    for number in reversed(found):
        text = _remove_flow(text, items.value, number) if items.flow_style else _remove_line(text, items.value, number)
    if found and len(found) == len(items.value) and not items.flow_style:
        at = text.index(":", head.end_mark.index) + 1
        text = f"{text[:at]} []{text[at:]}"
    return text


def _name(item: Node) -> Any:
    if isinstance(item, MappingNode) and len(item.value) == 1:
        return item.value[0][0].value
    return item.value


def _remove_line(text: str, items: list[Node], number: int) -> str:
    item = items[number]
    return text[: find_line(text, item.start_mark.index)] + text[find_end(text, item) :]


def _remove_flow(text: str, items: list[Node], number: int) -> str:
    start, end = items[number].start_mark.index, items[number].end_mark.index
    if number and number == len(items) - 1 and "#" not in text[items[number - 1].end_mark.index : start]:
        return text[: items[number - 1].end_mark.index] + text[end:]
    if comma := re.match(r"[ \t]*,[ \t]*", text[end:]):
        return text[:start] + text[end + comma.end() :]
    return text[:start] + text[end:]


def replace(text: str, nodes: list[tuple[Node, str]]) -> str:
    """Write other words in place of some nodes of one line each."""
    for node, new in sorted(nodes, key=lambda pair: -pair[0].start_mark.index):
        assert isinstance(node, ScalarNode)
        text = text[: node.start_mark.index] + new + text[node.end_mark.index :]
    return text
