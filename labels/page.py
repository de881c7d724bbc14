"""Shows changes as a page: one HTML file that needs no other."""

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from labels.compare import STATUSES
from labels.table import name_ends
from stages.artifacts import examples

TEMPLATE = "page.html.jinja"


class Shown(NamedTuple):
    """What a row looks like: the kind of its data, the columns of a table, and what is in it."""

    kind: str
    columns: tuple[str, ...]
    content: Any


def fill_page(dataset: str, old: str, new: str, changes: pd.DataFrame, shown: dict[str, Shown]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    dataset, old, new : str
        What is compared.
    changes : DataFrame
        As `labels.compare.compare` returns it.
    shown : dict of str to Shown
        What the row of an id looks like; other rows are shown without.
    """
    environment = Environment(
        # beside that module lies the template of how a row looks
        loader=FileSystemLoader([Path(__file__).parent, Path(examples.__file__).parent]),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    counts = changes["status"].value_counts()
    return environment.get_template(TEMPLATE).render(
        dataset=dataset,
        old=old,
        new=new,
        counts=[(status, int(counts[status])) for status in STATUSES if status in counts],
        changes=name_ends(changes).to_dict("records"),
        shown=shown,
    )
