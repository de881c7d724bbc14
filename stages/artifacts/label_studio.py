"""What Label Studio is shown of a row, and the choices that it offers, for all who hand rows to it."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from stages.artifacts.examples import Photographs, open_examples
from stages.artifacts.files import data_folder, read_table
from stages.command.errors import InputError

# the control that holds the class
LABEL = "label"
# the tag that shows an example, by its kind, and the data that it shows
TAGS = {"picture": ("Image", "image"), "text": ("Text", "text"), "table": ("Table", "table")}
SIZES = {"picture": {"maxWidth": "400px"}}
DIGITS = tuple("0123456789")


def open_rows(dataset: str, prefix: str = "") -> tuple[str, Callable[[str], Any]]:
    """Return the kind of a data set's examples, and a function that returns what to show for an id.

    Raises
    ------
    InputError
        If there is nothing to show, or a prefix is given and the examples are not pictures.
    """
    ids = read_table(data_folder(dataset) / "prepared" / "ids.csv")["id"].tolist()
    examples = open_examples(dataset, "prepared", ids)
    if prefix and examples.kind != "picture":
        raise InputError("--pictures: this data set has no pictures; leave it out, and the tasks hold the rows")
    if prefix:
        # the id of a picture in a file is the file's name
        ending = "" if isinstance(examples, Photographs) else ".png"
        return examples.kind, lambda row_id: f"{prefix}{quote(row_id)}{ending}"
    row_of = {row_id: row for row, row_id in enumerate(ids)}

    def show(row_id: str) -> Any:
        content = examples.content(row_of[row_id])
        return dict(zip(examples.columns, content, strict=True)) if examples.kind == "table" else content

    return examples.kind, show


def add_example(view: ElementTree.Element, kind: str) -> str:
    """Add the tag that shows an example to a labeling configuration, and return its name."""
    tag, name = TAGS[kind]
    ElementTree.SubElement(view, tag, {"name": name, "value": f"${name}"} | SIZES.get(kind, {}))
    return name


def add_choices(view: ElementTree.Element, control: str, about: str, choices: Iterable[str]) -> None:
    """Add a control that takes one of some choices to a labeling configuration."""
    element = ElementTree.SubElement(view, "Choices", name=control, toName=about, choice="single", showInline="true")
    for choice in choices:
        ElementTree.SubElement(element, "Choice", _describe(choice))


def to_xml(view: ElementTree.Element) -> str:
    """Return a labeling configuration as text."""
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _describe(choice: str) -> dict[str, str]:
    # Label Studio replaces $name by data in what it shows, but not in what it exports
    described = {"value": choice.replace("$", "＄"), "alias": choice} if "$" in choice else {"value": choice}
    # by default the first class has the key 1, even if it is called 0
    return described | ({"hotkey": choice} if choice in DIGITS else {})
