"""Where data is loaded from: the working tree, or a commit of any repository, through DVC."""

import hashlib
import os
import re
import shutil
import tempfile
import weakref
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

WORKING_TREE, LAST_COMMIT = "the working tree", "the last commit"
PIPELINE, DECISIONS = "dvc.yaml", "decisions.csv"


class LoadError(Exception):
    """Data that cannot be loaded; the text says in one line what is wrong, where, and how to mend it."""


class WorkingTree:
    """The files as they are in a folder.

    Parameters
    ----------
    root : Path
        The folder that holds ``data``.
    """

    version, scratch = WORKING_TREE, None

    def __init__(self, root: Path) -> None:
        self.root = root

    def list_names(self) -> list[str]:
        """Return the names of the data sets that there are."""
        return sorted(file.parent.name for file in self.root.glob(f"data/*/{DECISIONS}"))

    def fetch(self, path: str) -> Path | None:
        """Return where a file lies, or None if there is none."""
        file = self.root / path
        return file if file.is_file() else None

    def explain(self, path: str) -> str:
        """Say why a file that should be there is not, and how to get it."""
        folder = PurePosixPath(path).parent
        return (
            f"{self.root / path}: not found; `dvc pull {folder}` brings the last commit's, if params.yaml lists the "
            "data set, and `dvc repro` makes it"
        )


class Commit:
    """The files of git and DVC at a commit, brought one by one into a folder that goes when nobody needs it.

    Parameters
    ----------
    files : DVCFileSystem
        They begin at the top of the git repository.
    folder : str
        Where the pipeline lies in it: empty at the top, else such as ``ml``.
    version : str
        What the user calls it.
    """

    def __init__(self, files: Any, folder: str, version: str) -> None:
        self.files, self.folder, self.version = files, folder, version
        self._start = f"{folder}/" if folder else ""
        self._brought: dict[str, Path] = {}

    def list_names(self) -> list[str]:
        """Return the names of the data sets that there are."""
        return sorted(PurePosixPath(path).parent.name for path in self.files.glob(f"{self._start}data/*/{DECISIONS}"))

    def fetch(self, path: str) -> Path | None:
        """Bring a file, once, and return where it lies, or None if there is none."""
        if path in self._brought:
            return self._brought[path]
        # the path may be one that the repository names, so it says nothing of where to write
        where, file = f"{self._start}{path}", self.scratch.folder / hashlib.sha256(path.encode()).hexdigest()
        try:
            # nothing is known of what is in a folder whose list is not within reach
            if not self.files.exists(where) and not self.files.isdvc(str(PurePosixPath(where).parent)):
                return None
            self.files.get_file(where, str(file))
        # each kind of remote raises its own errors
        except Exception as error:
            raise LoadError(
                f"{path} at {self.version}: neither in DVC's cache nor on a remote within reach ({shorten(error)}); "
                "see that the remote answers and lets you in, or ask for a `dvc push`"
            ) from None
        self._brought[path] = file
        return file

    def explain(self, path: str) -> str:
        """Say why a file that should be there is not, and how to get it."""
        return (
            f"{path}: the pipeline at {self.version} does not make it; name a version whose params.yaml lists the data "
            "set in `datasets`"
        )

    @cached_property
    def scratch(self) -> "Scratch":
        """What keeps the files that were brought."""
        return Scratch()


class Scratch:
    """A temporary folder that goes with its last user, in the process alone that made it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="labels-"))
        weakref.finalize(self, _remove, self.folder, os.getpid())


Place = WorkingTree | Commit


def open_place(name: str, version: str | None, repo: str | os.PathLike[str] | None) -> Place:
    """Find the repository, and the version in it.

    Raises
    ------
    LoadError
        If there is no such repository, version or data set.
    """
    local = Path(repo or ".")
    root = find_root(local) if local.exists() else None
    if local.exists() and root is None and not is_git(local):
        raise LoadError(f"{local.resolve()}: neither a repository nor in one; name its path or address with repo=")
    place = (
        open_commit(name, version, str(root or repo), root) if version is not None or not root else WorkingTree(root)
    )
    check_name(name, place)
    return place


def check_name(name: str, place: Place) -> None:
    """Raise LoadError, with the names that there are, if there is no such data set."""
    if name not in (names := place.list_names()):
        raise LoadError(f"{name!r}: no such data set in {place.version}; there are: {', '.join(names) or 'none'}")


def open_commit(name: str, version: str | None, repo: str, root: Path | None) -> Commit:
    """Open the files of a repository, at ``root`` if it is on this machine, as they are at a version."""
    # DVC takes a path for a repository to work in, which one without a working tree is not
    address = Path(repo).resolve().as_uri() if root is None and Path(repo).exists() else repo
    files = open_files(address, None)
    tags = find_tags(name, files.repo.scm.list_tags(), find_folder(root) if root else None)
    number = (version or "").removeprefix("v")
    tag = tags.get(number) or next(reversed(tags.values()), "")
    last = Commit(files, find_folder(root) if root else tag.rpartition("=")[0], LAST_COMMIT)
    if version is None:
        return last
    # DVC takes an empty name for none
    files = open_files(address, tags.get(number, version)) if version else None
    if files is None:
        check_name(name, last)
        released = ", ".join(f"v{known}" for known in tags) or "none"
        raise LoadError(
            f"{version!r} is neither a released version of {name} nor a git revision (released: {released}); "
            "correct it, or bring the tags with `git fetch --tags`"
        )
    return Commit(files, last.folder, version)


def open_files(address: str, rev: str | None) -> Any:
    """Return the files of a repository, a ``DVCFileSystem``; None if it has no such revision."""
    # DVC takes half a second to import
    from dvc.api import DVCFileSystem
    from dvc.scm import RevError

    files = DVCFileSystem(address, rev=rev, subrepos=True)
    try:
        assert files.repo.scm
    except RevError:
        return None
    # each kind of address raises its own errors
    except Exception as error:
        raise LoadError(
            f"{address}: cannot be opened ({shorten(error)}); correct the path or address, or see that you may clone it"
        ) from None
    return files


def find_tags(name: str, tags: list[str], folder: str | None) -> dict[str, str]:
    """Return the tag of each released version of a data set, the earliest first; without a folder, in any."""
    where = "(?:.+=)?" if folder is None else re.escape(f"{folder}=" if folder else "")
    pattern = re.compile(rf"{where}{re.escape(name)}-labels@v(\d+\.\d+\.\d+.*)")
    found = {match[1]: tag for tag in tags if (match := pattern.fullmatch(tag))}
    return dict(sorted(found.items(), key=lambda pair: [int(part) for part in re.findall(r"\d+", pair[0])]))


def name_tag(name: str, version: str, folder: str) -> str:
    """Return a version's tag, in the form that GTO and ``dvc artifacts get`` read.

    In a part of a larger repository it begins with the folder, and ``=`` where they have ``:`` elsewhere.
    """
    return f"{f'{folder}=' if folder else ''}{name}-labels@v{version}"


def find_root(folder: Path) -> Path | None:
    """Return the nearest folder, from this one upwards, that holds a pipeline."""
    start = folder.resolve()
    return next((parent for parent in (start, *start.parents) if (parent / PIPELINE).is_file()), None)


def find_folder(root: Path) -> str:
    """Return where a pipeline lies in its git repository: empty at the top, else such as ``ml``."""
    top = next((parent for parent in (root, *root.parents) if (parent / ".git").exists()), root)
    return "" if top == root else root.relative_to(top).as_posix()


def is_git(folder: Path) -> bool:
    """Say whether a folder is a git repository, with a working tree or, as on a server, without."""
    return (folder / ".git").exists() or (folder / "HEAD").is_file()


def shorten(error: Exception) -> str:
    """Return what an error says, or what it was raised from, on one line."""
    # DVC's own words for a clone that fails are "SCM error"
    first = error
    while isinstance(first.__cause__, Exception):
        first = first.__cause__
    return " ".join(str(first).split()) or type(first).__name__


def _remove(folder: Path, owner: int) -> None:
    # a worker process that was forked has a copy of whoever uses the folder
    if os.getpid() == owner:
        with suppress(OSError):
            shutil.rmtree(folder)
