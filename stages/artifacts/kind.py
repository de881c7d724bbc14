"""What the rows of a data set are: pictures, a table, or texts. ``preprocess`` decides it, everyone else reads it."""

from pathlib import Path
from typing import Literal, get_args

from stages.artifacts.files import read_json, write_json
from stages.command.errors import InputError

Kind = Literal["picture", "table", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# as a message names many of them
PLURALS: dict[Kind, str] = {"picture": "pictures", "table": "a table", "text": "texts"}
FILE = "kind.json"
# the value of a white pixel in images.npy
WHITE = 255


def read_kind(prepared: Path) -> Kind:
    """Read the kind of the rows in ``data/<dataset>/prepared``.

    Raises
    ------
    InputError
        If the file is missing, or holds something else.
    """
    kind: Kind = read_json(prepared / FILE)
    if kind not in KINDS:
        raise InputError(f"{prepared / FILE}: must be one of {', '.join(KINDS)}; `dvc repro` makes it again")
    return kind


def write_kind(prepared: Path, kind: Kind) -> None:
    """Write the kind of the rows into ``data/<dataset>/prepared``."""
    write_json(prepared / FILE, kind)


def name_content(folder: Path) -> str:
    """Return the name of the file that a person looks at, in ``prepared`` or ``cleaned``."""
    return "images.npy" if (folder / "images.npy").exists() else "rows.csv"
