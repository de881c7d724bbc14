"""What the folders that pictures lie in say: the class of each picture and, above the classes, its split."""

from itertools import takewhile
from pathlib import Path, PurePosixPath

import pandas as pd

from stages.command.errors import some
from stages.fetch.raw import SourceError

# what a folder above the class folders is called, in any case
SPLITS = ("train", "val", "valid", "validation", "test")
MEND = (
    "name the folder that holds the class folders in fetch.sources (unpack an archive first), or write a labels.csv "
    "beside them, with the columns path, label and, if there are splits, split"
)


def strip_common(files: dict[str, Path], pictures: list[str], labels: str) -> dict[str, Path]:
    """Leave out the folders that hold all pictures, as archives often have one, down to one that is a split.

    Parameters
    ----------
    files : dict of str to Path
        All files by their names.
    pictures : list of str
        Those of them that are pictures.
    labels : str
        What a table of labels is called. Where one lies beside the pictures, it names the splits: then the folder of a
        split is left out, too.
    """
    named = [PurePosixPath(name) for name in (*pictures, *(name for name in files if _name(name) == labels))]
    common = _find_common(named, labels)
    if str(PurePosixPath(*common, labels)) not in files:
        common = list(takewhile(lambda folder: not _is_split(folder), common))
    start = "".join(f"{folder}/" for folder in common)
    return {name.removeprefix(start): path for name, path in files.items() if name.startswith(start)}


def read_folders(place: object, pictures: list[str]) -> pd.DataFrame:
    """Return the id and label of each picture and, where there are splits, its split: what its path says.

    Parameters
    ----------
    place : object
        What messages call the source.
    pictures : list of str
        Their paths, which become the ids. Those that lie in no folder are left out.

    Returns
    -------
    DataFrame with the columns id and label, and split if there are splits
        The label is the first folder, or the one below the split's, however deep the picture lies; it is empty where
        the picture lies in the split's folder itself.

    Raises
    ------
    SourceError
        If the folders do not say what the classes are.
    """
    _refuse_foreign(place, pictures)
    paths = [path for path in map(PurePosixPath, pictures) if len(path.parts) > 1]
    tops = list(dict.fromkeys(path.parts[0] for path in paths))
    if not tops or not all(map(_is_split, tops)):
        _refuse_split_beside_classes(place, paths)
        _refuse_folders_of_folders(place, paths, 0)
        labels = [path.parts[0] for path in paths]
        return pd.DataFrame({"id": map(str, paths), "label": labels}, dtype=str)
    classed = [path for path in paths if len(path.parts) > 2]
    if not classed:
        raise SourceError(f"{place}: named as splits are, without a folder for each class inside: {some(tops)}; {MEND}")
    _refuse_folders_of_folders(place, classed, 1)
    labels = [path.parts[1] if len(path.parts) > 2 else "" for path in paths]
    splits = [path.parts[0].lower() for path in paths]
    return pd.DataFrame({"id": map(str, paths), "label": labels, "split": splits}, dtype=str)


def _refuse_foreign(place: object, names: list[str]) -> None:
    """Raise SourceError if the name of a file is not UTF-8: no table could hold it."""
    foreign = [name for name in names if not _is_text(name)]
    if foreign:
        raise SourceError(
            f"{place}: {len(foreign):,} name(s) of files that are not UTF-8 ({some(foreign)}); unpack an "
            "archive first, and rename them: `convmv -r --notest -f latin1 -t utf8 FOLDER` does so if they are Latin-1"
        )


def _is_text(name: str) -> bool:
    """Say whether a name could be decoded: Python keeps bytes that could not as surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_split_beside_classes(place: object, paths: list[PurePosixPath]) -> None:
    tops = list(dict.fromkeys(path.parts[0] for path in paths))
    direct = {path.parts[0] for path in paths if len(path.parts) == 2}
    splits = [top for top in tops if _is_split(top) and top not in direct]
    if splits:
        others = some(top for top in tops if top not in splits)
        raise SourceError(
            f"{place}: named as splits are, with only folders inside: {some(splits)}; but beside them lie {others}; "
            f"{MEND}"
        )


def _refuse_folders_of_folders(place: object, paths: list[PurePosixPath], depth: int) -> None:
    """Raise SourceError if all folders that should be classes hold only folders."""
    if paths and all(len(path.parts) > depth + 2 for path in paths):
        names = dict.fromkeys("/".join(path.parts[: depth + 1]) for path in paths)
        raise SourceError(
            f"{place}: the classes would be {some(names)}, which hold only folders and are no splits "
            f"({', '.join(SPLITS)}); {MEND}"
        )


def _find_common(names: list[PurePosixPath], labels: str) -> list[str]:
    """Return the folders that hold everything, from the outermost on; one that holds only pictures is a class."""
    common: list[str] = []
    while names and len({name.parts[0] for name in names}) == 1 and min(len(name.parts) for name in names) > 1:
        inner = [PurePosixPath(*name.parts[1:]) for name in names]
        if all(len(name.parts) == 1 for name in inner) and PurePosixPath(labels) not in inner:
            break
        common.append(names[0].parts[0])
        names = inner
    return common


def _is_split(folder: str) -> bool:
    return folder.lower() in SPLITS


def _name(path: str) -> str:
    return PurePosixPath(path).name
