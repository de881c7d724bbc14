"""The classes: renamed and merged as the user says, looked at, and numbered."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from stages.command.errors import InputError, some, suggest
from stages.preprocess.dates import read_dates
from stages.preprocess.numbers import COMMA, POINT, read_plain, read_written
from stages.preprocess.reading import Cells, Reading

# Between two words, a line of any length is no more than a blank.
BETWEEN = re.compile(r"(?<=[^\W\d])[\s_‐-―-]+(?=[^\W\d])")
# Fewer different numbers or dates may well name classes.
FEWEST_MEASURES = 20
# Numbers with fewer rows each, on average, name no classes. Whole numbers may be the names of many small ones.
ROWS_OF_WHOLE, ROWS_OF_OTHERS = 2, 5


def rename_classes(labels: pd.Series, names: dict[str, str]) -> pd.Series:
    """Give classes other names; those that get the same one become one class.

    Parameters
    ----------
    labels : Series of n str
        Empty where a row has none.
    names : dict of str to str
        The new name of a class by its old one; empty if its rows have no label.

    Raises
    ------
    InputError
        If a class to rename is not there, or its name is given to another one: decisions could mean either.
    """
    known = sorted(set(labels) - {""})
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            "params.yaml: preprocess.classes: no class is called "
            f"{some(f'{name!r}{suggest(name, known)}' for name in unknown)}; there are: {some(map(repr, known))}"
        )
    both = sorted(names.keys() & set(names.values()))
    if both:
        raise InputError(
            f"params.yaml: preprocess.classes: {some(map(repr, both))}: both an old name and a new one; give another"
        )
    return labels.map({name: names.get(name, name) for name in labels.unique()}) if names else labels


def find_alike(labels: pd.Series) -> Iterator[str]:
    """Yield a line for each set of classes whose names are the same to a person, with the way to merge them."""
    counts = labels.value_counts()
    alike: dict[str, list[str]] = {}
    for name in sorted(counts.index, key=lambda name: (-counts[name], not _is_plain(name), name.swapcase())):
        alike.setdefault(_to_key(name), []).append(name)
    for same in sorted(names for names in alike.values() if len(names) > 1):
        shown = _show(same)
        listed = ", ".join(f"{text} ({counts[name]:,})" for text, name in zip(shown, same, strict=True))
        merged = ", ".join(f"{text}: {shown[0]}" for text in shown[1:])
        yield f"classes that may be one, by their names: {listed}; if so, set preprocess.classes to {{{merged}}}"


def check_measures(labels: pd.Series) -> str:
    """Raise InputError if labels are measurements, and say so if they may be; empty if they name classes."""
    counts = labels.value_counts()
    if len(counts) < FEWEST_MEASURES:
        return ""
    reading = _read_measures(Cells(np.array([name.strip() for name in counts.index], dtype=object), counts.to_numpy()))
    if reading is None:
        return ""
    noun = "dates" if reading.kind == "date" else "numbers"
    said = f"labels are {len(counts):,} different {noun} in {len(labels):,} rows"
    whole = reading.kind == "numeric" and (reading.values == np.round(reading.values)).all()
    # those without a gap only number the classes
    if whole and np.ptp(reading.values) < len(counts):
        return ""
    if len(labels) < len(counts) * (ROWS_OF_WHOLE if whole else ROWS_OF_OTHERS):
        raise InputError(
            f"raw/labels.csv: {said}: classes are needed, and these are measurements; name another column in "
            "fetch.label, or make classes of them at the source, such as low and high"
        )
    return "" if whole else f"{said}, each taken as a class; if they are measurements, make classes of them"


def check_classes(labels: pd.Series) -> None:
    """Raise InputError if there are fewer than two classes."""
    names = labels[labels != ""].unique()
    if len(names) < 2:
        said = f"every row is labelled {names[0]!r}" if len(names) else "no row with a label is left"
        raise InputError(f"raw/labels.csv: {said}; at least two classes are needed")


def encode_labels(table: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Number the classes, in the order of their values where all are numbers, else in that of their names.

    Parameters
    ----------
    table : DataFrame with the columns id and label
        Labels as text; empty if a row has none.

    Returns
    -------
    labels : ndarray of shape (n,), int64
        From 0 to K - 1, or -1 for a row without one.
    classes : list of K str
        The name of each.
    """
    names = table.loc[table["label"] != "", "label"].unique()
    classes = sorted(names, key=_sort_key(names))
    labels = table["label"].where(table["label"] != "")
    return pd.Categorical(labels, categories=classes).codes.astype(np.int64), classes


def _to_key(name: str) -> str:
    """Return what is left of a name without case, form, blanks, signs that do not show, and a final point."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    shown = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Cc", "Cf") or sign.isspace())
    text = BETWEEN.sub(" ", " ".join(shown.split()).rstrip(" ."))
    try:
        number = float(text)
    except ValueError:
        return text
    return repr(number + 0) if np.isfinite(number) else text


def _is_plain(name: str) -> bool:
    return name == unicodedata.normalize("NFC", name).strip()


def _show(names: list[str]) -> list[str]:
    """Quote names as YAML has them, so that each blank shows, and those that would look the same on paper differ."""
    forms = [unicodedata.normalize("NFKC", name) for name in names]
    are_plain = [name.isprintable() and forms.count(form) == 1 for name, form in zip(names, forms, strict=True)]
    return [
        json.dumps(name, ensure_ascii=False) if is_plain else _escape(name)
        for name, is_plain in zip(names, are_plain, strict=True)
    ]


def _escape(name: str) -> str:
    text = name.encode("unicode_escape").decode().replace('"', '\\"')
    return f'"{text}"'


def _read_measures(cells: Cells) -> Reading | None:
    """Return the names as numbers, or as dates; None if they are neither."""
    written = [read_written(cells, sign, said=True) for sign in (POINT, COMMA)]
    readings = [read_plain(cells), *written, read_dates(cells)]
    return next((reading for reading in readings if np.isfinite(reading.values).all()), None)


def _sort_key(names: np.ndarray) -> Callable[[str], tuple[float, str]] | None:
    try:
        values = {name: (float(name), name) for name in names}
    except ValueError:
        return None
    return values.__getitem__ if np.isfinite([value for value, _ in values.values()]).all() else None
