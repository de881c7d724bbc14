"""What a command leaves: files, as they were before or will be after, and what is shared in memory."""

import hashlib
import json
import re
import shutil
from pathlib import Path

SHARED = Path("/dev/shm")
# what the next run removes, or what git and DVC see to
TEMPORARY = (".partial", "kept", "tmp", ".git", ".dvc")
# a plan names when it was made
CLOCK = {"plan.json": ["made"]}


def copy(source: Path, target: Path) -> Path:
    """Copy a folder, in place of what was there."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)
    return target


def read_files(folder: Path) -> dict[str, str]:
    """Return a digest of each file in a folder, and of each empty folder; of what is kept for another run, its name."""
    files = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_socket():
            files[name] = ""
        elif path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                files[f"{name}/"] = ""
        elif not name.startswith((".git/logs/", ".git/index", ".dvc/tmp/", "tmp/.said")):
            files[name] = "" if path.suffix in (".lock", ".db") else digest(path)
    return files


def digest(path: Path) -> str:
    """Return the digest of a file, without the times that `CLOCK` lists."""
    content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
    if path.name in CLOCK and (about := json.loads(content)):
        content = json.dumps({name: value for name, value in about.items() if name not in CLOCK[path.name]}).encode()
    return hashlib.sha256(content).hexdigest()


def find_half(files: dict[str, str], before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the files that are neither as before nor as after, but those that the next run removes; no folders."""
    return [
        name for name, content in files.items()
        if content not in (before.get(name), after.get(name)) and not is_temporary(name) and not name.endswith("/")
    ]  # fmt: skip


def is_temporary(name: str) -> bool:
    """Say whether a file is part of something that is not finished."""
    return any(part.endswith(TEMPORARY) or part.startswith(".export-") for part in name.rstrip("/").split("/"))


def find_shared(processes: list[int]) -> list[str]:
    """Return what is called after some processes in the memory that processes share."""
    names = [path.name for path in SHARED.glob("*")]
    return [name for name in names if set(re.findall(r"\d+", name)) & set(map(str, processes))]
