"""Asks git: which versions were released, which commit a name stands for, what a file held there."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from semver import Version

from labels.loading.places import name_tag
from stages.command.errors import InputError

FATAL = "fatal: "
# what to do, by what git says
MENDS = {
    ".lock': File exists": "; if no git is at work here, remove that file",
    "not a git repository": "; run it in a clone of the repository",
}


@dataclass(frozen=True)
class Revision:
    """A commit, and the name by which the user knows it."""

    name: str
    commit: str


def run_git(*arguments: str, stdin: str | None = None, apart: bool = False) -> str:
    """Run git in the current folder and return what it printed.

    Parameters
    ----------
    *arguments : str
        After the word git.
    stdin : str, optional
        What it reads.
    apart : bool
        Whether it goes on when this process and its group are killed: git that is killed leaves locks.

    Raises
    ------
    InputError
        With what git says is fatal, or else its last line, when it fails.
    """
    done = subprocess.run(
        ["git", *arguments], input=stdin, capture_output=True, encoding="utf-8", errors="replace", check=False,
        start_new_session=apart,
    )  # fmt: skip
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["failed"]
        reason = next((line for line in lines if line.startswith(FATAL)), lines[-1]).removeprefix(FATAL)
        mend = next((mend for part, mend in MENDS.items() if part in reason), "")
        raise InputError(f"git {arguments[0]}: {reason.removesuffix('.')}{mend}")
    return done.stdout


def find_prefix() -> str:
    """Return where the current folder lies in its git repository: empty at the top, else such as ``ml/``."""
    return run_git("rev-parse", "--show-prefix").strip()


def tag_name(dataset: str, version: str) -> str:
    """Return a version's tag, in the form that GTO and ``dvc artifacts get`` read."""
    return name_tag(dataset, version, find_prefix().rstrip("/"))


def list_releases(dataset: str) -> list[Version]:
    """Return the released versions, the earliest first; only annotated tags count."""
    prefix = tag_name(dataset, "")
    listed = run_git("for-each-ref", "--format=%(objecttype) %(refname:strip=2)", f"refs/tags/{prefix}*")
    tags = [line.split(" ", 1) for line in listed.splitlines()]
    versions = [name.removeprefix(prefix) for kind, name in tags if kind == "tag"]
    return sorted(Version.parse(version) for version in versions if Version.is_valid(version))


def list_elsewhere(dataset: str) -> list[Version]:
    """Return the versions that the repositories have which are named as remotes here, the earliest first.

    Raises
    ------
    InputError
        If one cannot be asked.
    """
    prefix, found = tag_name(dataset, ""), set()
    for remote in run_git("remote").split():
        listed = run_git("ls-remote", "--tags", "--refs", remote, f"refs/tags/{prefix}*")
        found |= {line.split("\t")[1].removeprefix(f"refs/tags/{prefix}") for line in listed.splitlines()}
    return sorted(Version.parse(version) for version in found if Version.is_valid(version))


def last_release(dataset: str) -> Revision | None:
    """Return the highest released version, or None before the first."""
    releases = list_releases(dataset)
    return find_revision(dataset, f"v{releases[-1]}") if releases else None


def find_revision(dataset: str, name: str) -> Revision:
    """Return the commit of a released version such as ``v1.0.0``, or of any revision that git knows.

    Raises
    ------
    InputError
        Naming the versions that there are, when it is neither.
    """
    for candidate in (tag_name(dataset, name.removeprefix("v")), name):
        if commit := find_commit(candidate):
            return Revision(name, commit)
    released = ", ".join(f"v{version}" for version in list_releases(dataset)) or "none"
    raise InputError(
        f"{name!r} is neither a released version of {dataset} nor a git revision (released: {released}); "
        "correct it, or bring the tags with `git fetch --tags`"
    )


def find_commit(name: str) -> str:
    """Return the hash of the commit that a name stands for, or an empty text if there is none."""
    try:
        return run_git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()
    except InputError:
        return ""


def read_committed(revision: Revision | None, path: Path) -> str | None:
    """Return a file's text at a revision (None is the working tree), or None if it is not there."""
    if revision is None:
        return path.read_text(encoding="utf-8") if path.exists() else None
    if not run_git("ls-tree", "--name-only", revision.commit, "--", str(path)):
        return None
    return run_git("show", f"{revision.commit}:./{path.as_posix()}")
