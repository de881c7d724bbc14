"""Reads the lists at the top of params.yaml that ask for more to be done with some data sets."""

from stages.command.errors import InputError
from stages.command.params import PARAMS_FILE, SectionT, check_values, read_block, read_params


def find_listed(dataset: str, key: str, schema: type[SectionT]) -> SectionT | None:
    """Return how a list says that a data set is treated, or None if it does not name it.

    Parameters
    ----------
    dataset : str
        The data set's name.
    key : str
        The list: ``audited`` or ``compared``. A params.yaml without it has an empty one.
    schema : subclass of Section
        What an entry may hold: ``NAME`` alone, or ``{NAME: {key: value}}``.

    Raises
    ------
    InputError
        If any entry is no name of a data set, or this one's holds what is not allowed.
    """
    listed: dict[str, object] = {}
    for item in _read_list(key):
        if not isinstance(item, str | dict):
            raise InputError(f"{PARAMS_FILE}: {key}: must hold names of data sets, not {item!r}")
        listed |= item if isinstance(item, dict) else {item: None}
    for name in listed:
        _check_block(key, str(name))
    if dataset not in listed:
        return None
    return check_values(f"{PARAMS_FILE}: {key}.{dataset}", listed[dataset] or {}, schema)


def _read_list(key: str) -> list[object]:
    listed = read_params().get(key) or []
    if not isinstance(listed, list):
        raise InputError(f"{PARAMS_FILE}: {key}: must be a list of data sets such as [digits], not {listed!r}")
    return listed


def _check_block(key: str, name: str) -> None:
    try:
        read_block(name)
    except InputError as error:
        raise InputError(f"{PARAMS_FILE}: {key}: {str(error).removeprefix(f'{PARAMS_FILE}: ')}") from None
