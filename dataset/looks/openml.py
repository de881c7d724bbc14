"""A data set of OpenML, by its name and version."""

import re

from dataset.asking import Asked
from dataset.held import Held
from dataset.named import look_at_named
from dataset.proposal import Proposal
from stages.fetch.raw import SourceError
from stages.fetch.settings import Settings

FORM = re.compile(r"[^@/]+@[1-9]\d*")


def look(argument: str, asked: Asked) -> Proposal:
    """Look at all of it, which is downloaded."""
    # imported here because scikit-learn takes a second
    from stages.fetch.sources import openml

    return look_at_named(f"openml:{argument}", openml.fetch, asked)


def hold(argument: str, settings: Settings) -> Held:
    """Look at the name alone."""
    if not FORM.fullmatch(argument):
        raise SourceError(f"{argument!r} is not NAME@VERSION; write it like mnist_784@1")
    return Held()
