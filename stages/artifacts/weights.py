"""Finds the weights of a pretrained network: in a folder, in the cache of the Hugging Face hub, or on the hub."""

import hashlib
import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from stages.command.errors import InputError

# the commit of a network on the hub, in full
REVISION = re.compile(r"[0-9a-f]{40}")
WEIGHTS, CARD = "model.safetensors", "README.md"
# the least side in pixels of the pictures that a pretrained network is given
SMALLEST_SIDE = 16
INSTALL = "pip install -r requirements-embed.txt"
# what a kind of networks needs, as it is imported
PACKAGES = {
    "timm": ("timm", "torchvision", "huggingface_hub"),
    "sentence-transformers": ("sentence_transformers", "huggingface_hub"),
}
# what a network may bring beside its weights: never code, and never pickles
FILES = (WEIGHTS, CARD, "*.json", "*.txt", "*.model")


@dataclass(frozen=True)
class Weights:
    """A pretrained network's files.

    Attributes
    ----------
    folder : Path
        Where they lie.
    name : str
        What the network is called.
    revision : str
        The commit on the hub; empty for a folder.
    sha256 : str
        Of the weights.
    licence : str
        As its card has it; empty if it does not say.
    """

    folder: Path
    name: str
    revision: str
    sha256: str
    licence: str

    def describe(self, *packages: str) -> dict[str, Any]:
        """Return what source.json holds of them, and of the packages that read them."""
        return {
            "name": self.name,
            "revision": self.revision or None,
            "sha256": self.sha256,
            "licence": self.licence or None,
            "pretrained": True,
            "metric": "cosine",
            "packages": {name: version(name) for name in packages},
        }


def list_lacking(prefix: str) -> list[str]:
    """Return the packages that a kind of networks needs and this machine lacks."""
    return [name for name in PACKAGES.get(prefix, ()) if importlib.util.find_spec(name) is None]


def check_revision(argument: str) -> None:
    """Raise ValueError if what stands behind the ``@`` of a network's name is no commit in full."""
    _, at, revision = argument.rpartition("@")
    if at and not REVISION.fullmatch(revision):
        raise ValueError("give the 40 digits of a commit behind the @: anything else may be other weights tomorrow")


def find_weights(argument: str, prefix: str, key: str) -> Weights:
    """Return the files of ``NAME@REVISION`` on the hub, or of a folder.

    Parameters
    ----------
    argument : str
        Either of them.
    prefix : str
        What stands before it in params.yaml, for messages.
    key : str
        Where in params.yaml, for messages: ``params.yaml: embed.source``.

    Raises
    ------
    InputError
        If they are not there, cannot be fetched, or are not in safetensors' format.
    """
    name, at, revision = argument.rpartition("@")
    if at and REVISION.fullmatch(revision):
        folder = download(name, revision, key)
        check_format(folder, argument, key)
    else:
        folder, name, revision = check_folder(argument, prefix, key), Path(argument).name, ""
    with (folder / WEIGHTS).open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Weights(folder, name, revision, sha256, read_licence(folder / CARD))


def check_folder(argument: str, prefix: str, key: str) -> Path:
    """Return the folder of a network.

    Raises
    ------
    InputError
        If it is none, with a hint for whoever meant a name on the hub, or has no weights.
    """
    folder = Path(argument).expanduser()
    if folder.is_dir():
        check_format(folder, argument, key)
        return folder
    if argument.startswith(("/", ".", "~")):
        raise InputError(f"{key}: {prefix}:{argument}: there is no such folder; correct the path")
    raise InputError(
        f"{key}: {prefix}:{argument} is neither a folder nor NAME@REVISION, with the 40 digits of a commit on the hub: "
        "without these it may be other weights tomorrow"
    )


def check_format(folder: Path, argument: str, key: str) -> None:
    """Raise InputError if a network's folder has no weights in safetensors' format."""
    if not (folder / WEIGHTS).exists():
        raise InputError(
            f"{key}: {argument!r}: {folder} has no {WEIGHTS}; only weights in safetensors' format are loaded, as other "
            "formats can run code; choose a network, or a revision of it, that has them"
        )


def download(name: str, revision: str, key: str) -> Path:
    """Return the folder of a network in the hub's own cache; what is not there yet is downloaded, with progress."""
    with importing(key):
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    allowed = {"revision": revision, "allow_patterns": [pattern for each in FILES for pattern in (each, f"*/{each}")]}
    try:
        return Path(snapshot_download(name, local_files_only=True, **allowed))
    except LocalEntryNotFoundError:
        print(f"downloading {name} at {revision}", flush=True)
    except HFValidationError as error:
        raise InputError(f"{key}: {name!r} is no name on the hub ({' '.join(str(error).split())})") from None
    try:
        return Path(snapshot_download(name, **allowed))
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{key}: {name} at {revision} cannot be fetched from the hub ({reason}); fetch its config files and "
            f"{WEIGHTS} where there is a network, put them into a folder here, and name that folder in its place"
        ) from None


def read_licence(card: Path) -> str:
    """Return the licence that the head of a network's card names, or nothing."""
    parts = card.read_text(encoding="utf-8").split("---", 2) if card.exists() else []
    try:
        head = yaml.safe_load(parts[1]) if len(parts) > 2 and not parts[0].strip() else None
    except yaml.YAMLError:
        return ""
    return str(head.get("license") or "") if isinstance(head, dict) else ""


@contextmanager
def importing(key: str) -> Iterator[None]:
    """Turn what a missing package, or one that is built for another torch, says into one line.

    Raises
    ------
    InputError
        With the command that installs what is missing.
    """
    try:
        yield
    except (ImportError, RuntimeError) as error:
        cause: BaseException | None = error
        while cause and "operator torchvision::" not in str(cause):
            cause = cause.__cause__ or cause.__context__
        if cause:
            raise InputError(
                f"{key}: torchvision is built for another torch than the one here ({cause}); install both from one "
                "index, as docs/pretrained.md shows"
            ) from None
        if not isinstance(error, ImportError):
            raise
        raise InputError(f"{key}: {error.name or error} is not installed; {INSTALL}") from None
