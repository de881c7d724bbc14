"""``sklearn:NAME``: a data set that comes with scikit-learn, so no network is needed."""

from stages.fetch.raw import RawData, SourceError, normalise, refuse_columns
from stages.fetch.settings import Settings
from stages.fetch.table import RawTable, make_table

PICTURES, TABLES = "digits", ("breast_cancer", "iris", "wine")
LABEL = "target"


def fetch(argument: str, settings: Settings) -> RawData | RawTable:
    """Load the data set that scikit-learn calls ``load_<argument>``; a table's labels are the names of its classes."""
    check_offered(argument)
    # imported here because it takes a second, and whoever checks params.yaml needs the names alone
    from sklearn import datasets

    if argument == PICTURES:
        refuse_columns(settings)
        bunch = datasets.load_digits()
        return normalise(bunch.data, bunch.target)
    bunch = getattr(datasets, f"load_{argument}")(as_frame=True)
    return make_table(bunch.frame.assign(**{LABEL: bunch.target_names[bunch.target]}), settings, LABEL)


def check_offered(argument: str) -> None:
    """Raise SourceError if a data set is none of those that are offered."""
    if argument not in (PICTURES, *TABLES):
        offered = ", ".join(sorted([*TABLES, PICTURES]))
        raise SourceError(f"scikit-learn's {argument!r} is not offered; there are: {offered}")
