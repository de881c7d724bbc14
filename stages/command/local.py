"""Where this machine keeps what is no part of the repository: locks, and what it has seen."""

from pathlib import Path

DVC = Path(".dvc")


def local_folder() -> Path:
    """Return DVC's folder for it, of the repository that the current folder belongs to.

    DVC's root is this folder or one above it, where this repository is a part of a larger one. Another ``.dvc`` here
    would hide that one, with its remotes and its cache.
    """
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / DVC).is_dir()), here)
    return DVC / "tmp" if root == here else root / DVC / "tmp"
