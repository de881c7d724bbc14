"""Shows changes as a page: one HTML file that needs no other."""

from pathlib import Path

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from labels.compare import STATUSES
from labels.table import name_ends
from stages.report.pictures import data_uri, to_png

TEMPLATE = "page.html.jinja"
PICTURES_SHOWN = 500


def fill_page(dataset: str, old: str, new: str, changes: pd.DataFrame, pictures: dict[str, str]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    dataset, old, new : str
        What is compared.
    changes : DataFrame
        As `labels.compare.compare` returns it.
    pictures : dict of str to str
        The picture of an id, as an address that needs no file; other rows are shown without.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    counts = changes["status"].value_counts()
    return environment.get_template(TEMPLATE).render(
        dataset=dataset,
        old=old,
        new=new,
        counts=[(status, int(counts[status])) for status in STATUSES if status in counts],
        changes=name_ends(changes).to_dict("records"),
        pictures=pictures,
    )


def draw_pictures(ids: pd.Series, labels: pd.DataFrame, images: np.ndarray) -> dict[str, str]:
    """Return the pictures of those ids that a version has, its images being in the order of its labels."""
    places = dict(zip(labels["id"], range(len(labels)), strict=True))
    return {row_id: data_uri(to_png(images[places[row_id]])) for row_id in ids if row_id in places}
