"""``sklearn:digits``: a data set that comes with scikit-learn, so no network is needed."""

from sklearn import datasets

from stages.fetch.raw import RawData, SourceError, normalise
from stages.fetch.settings import Settings

LOADERS = {"digits": datasets.load_digits}


def fetch(argument: str, settings: Settings) -> RawData:
    """Load the data set that scikit-learn calls ``load_<argument>``."""
    if argument not in LOADERS:
        raise SourceError(f"scikit-learn's {argument!r} is not offered; there are: {', '.join(LOADERS)}")
    bunch = LOADERS[argument]()
    return normalise(bunch.data, bunch.target)
