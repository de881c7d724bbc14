"""``sklearn:NAME``: a data set that comes with scikit-learn, so no network is needed."""

from sklearn import datasets

from stages.fetch.raw import RawData, SourceError, normalise, refuse_columns
from stages.fetch.settings import Settings
from stages.fetch.table import RawTable, make_table

TABLES = {"breast_cancer": datasets.load_breast_cancer, "iris": datasets.load_iris, "wine": datasets.load_wine}
LABEL = "target"


def fetch(argument: str, settings: Settings) -> RawData | RawTable:
    """Load the data set that scikit-learn calls ``load_<argument>``; a table's labels are the names of its classes."""
    if argument == "digits":
        refuse_columns(settings)
        bunch = datasets.load_digits()
        return normalise(bunch.data, bunch.target)
    if argument not in TABLES:
        offered = ", ".join(sorted([*TABLES, "digits"]))
        raise SourceError(f"scikit-learn's {argument!r} is not offered; there are: {offered}")
    bunch = TABLES[argument](as_frame=True)
    return make_table(bunch.frame.assign(**{LABEL: bunch.target_names[bunch.target]}), settings, LABEL)
