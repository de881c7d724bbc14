"""Loads a version of the cleaned data: ``load("digits", "v1.0.0")``.

What lies in this folder can be installed by itself, beside pandas and DVC. It imports neither ``stages`` nor another
part of ``labels``: ``stages`` sets how its whole process rounds, which must not happen to those who only load data.
Nothing large is imported before it is needed.
"""

import os
from typing import TYPE_CHECKING

from labels.loading.places import LoadError, open_place

if TYPE_CHECKING:
    from labels.loading.data import Data

__all__ = ["LoadError", "load"]


def load(name: str, version: str | None = None, *, repo: str | os.PathLike[str] | None = None) -> "Data":
    """Load the cleaned data of the rows that nobody removed.

    Parameters
    ----------
    name : str
        The data set, such as ``"digits"``.
    version : str, optional
        A released version, ``"v1.2.0"`` or ``"1.2.0"``, or any revision that git knows. By default what lies in the
        working tree or, of a repository on a server, the last commit.
    repo : str or path, optional
        The repository: a path, or an address that git can clone. By default the one around the current folder.

    Returns
    -------
    Data
        Features, labels, ids, splits and classes, each file checked against its SHA-256.

    Raises
    ------
    LoadError
        If there is no such data set or version, its data is not within reach, or it is not whole. The text is one line
        that says what to do.

    Examples
    --------
    >>> data = load("digits", "v1.0.0", repo="https://example.org/labels.git")  # doctest: +SKIP
    >>> X, y = data.to_numpy()  # doctest: +SKIP
    """
    place = open_place(name, version, repo)
    # pandas takes a while to import
    from labels.loading.reading import read_data

    return read_data(name, place)
