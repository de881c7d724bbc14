"""A data set that comes with scikit-learn."""

from dataset.asking import Asked
from dataset.held import Held
from dataset.named import look_at_named
from dataset.proposal import Proposal
from stages.fetch.settings import Settings
from stages.fetch.sources import sklearn


def look(argument: str, asked: Asked) -> Proposal:
    """Look at all of it."""
    return look_at_named(f"sklearn:{argument}", sklearn.fetch, asked)


def hold(argument: str, settings: Settings) -> Held:
    """Look whether there is one of that name."""
    sklearn.check_offered(argument)
    return Held("arrays" if argument == sklearn.PICTURES else "table", found="comes with scikit-learn")
