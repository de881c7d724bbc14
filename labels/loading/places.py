"""Where data is loaded from: the working tree, or a commit of any repository, through DVC."""

import hashlib
import os
import re
import shutil
import tempfile
import weakref
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

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


@dataclass(frozen=True)
class Refs:
    """What git has names for in a repository: its last commit, empty if HEAD names none, its branches and its tags."""

    head: str
    branches: list[str]
    tags: list[str]


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
    head, refs = open_head(address)
    tags = find_tags(name, refs.tags, find_folder(root) if root else None)
    number = (version or "").removeprefix("v")
    tag = tags.get(number) or next(reversed(tags.values()), "")
    folder = find_folder(root) if root else tag.rpartition("=")[0]
    last = Commit(head, folder, LAST_COMMIT) if head else None
    released = ", ".join(f"v{known}" for known in tags) or "none"
    if version is None:
        return last or _refuse_head(address, refs, released)
    files = open_revision(address, tags.get(number, version), bool(last))
    if files is None:
        if last:
            check_name(name, last)
        raise LoadError(
            f"{version!r} is neither a released version of {name} nor a git revision (released: {released}); "
            "correct it, or bring the tags with `git fetch --tags`"
        )
    return Commit(files, folder, version)


def open_revision(address: str, revision: str, has_head: bool) -> Any:
    """Return the files of a repository at a revision; None if it has no such revision."""
    try:
        # DVC takes an empty name for none
        return open_files(address, revision) if revision else None
    except LoadError:
        # where HEAD names no commit, DVC says of a revision that is not there that all is empty
        if has_head:
            raise
        return None


def open_head(address: str) -> tuple[Any, Refs]:
    """Return the files at a repository's last commit, None if its HEAD names none, and the names that git has there.

    Raises
    ------
    LoadError
        If it has no commit at all, or cannot be opened.
    """
    files = open_files(address, None)
    if files is not None:
        return files, Refs("", [], files.repo.scm.list_tags())
    refs = clone_refs(address)
    if not (refs.head or refs.branches or refs.tags):
        raise LoadError(f"{address}: holds no commit yet; `git push` one there, with the tags")
    return open_files(address, refs.head) if refs.head else None, refs


def clone_refs(address: str) -> Refs:
    """Return the names that git has in a repository whose HEAD DVC cannot follow."""
    from dvc.scm import RevError, clone, resolve_rev

    start = "refs/remotes/origin/"
    with tempfile.TemporaryDirectory(prefix="labels-") as folder:
        git, head = clone(address, folder), ""
        # a HEAD that is detached names a commit, and no branch, which is what DVC looks for
        with suppress(RevError):
            head = resolve_rev(git, "HEAD")
        branches = sorted(name.removeprefix(start) for name in git.iter_refs() if name.startswith(start))
        refs = Refs(head, branches, git.list_tags())
        git.close()
    return refs


def _refuse_head(address: str, refs: Refs, released: str) -> NoReturn:
    branch = next((name for name in ("main", *refs.branches) if name in refs.branches), "")
    mend = f", or run `git symbolic-ref HEAD refs/heads/{branch}` in that repository" if branch else ""
    raise LoadError(
        f"{address}: its HEAD names a branch that has no commit; name a version (released: {released}){mend}"
    )


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
