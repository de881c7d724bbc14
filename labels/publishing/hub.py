"""Uploads a folder to the Hugging Face hub: as one commit, and a tag."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from semver import Version

from labels.publishing.card import CARD, LICENCE
from labels.publishing.croissant import CROISSANT
from stages.command.errors import InputError

PREFIX = "hf://datasets/"
INSTALL = "pip install -r requirements-embed.txt"
EDGE = "---\n"


def upload(folder: Path, target: str, version: str) -> str:
    """Make a commit of a folder in a data set's repository on the hub, with the version's tag; say what was done.

    A repository that is not there is made, and is private. A version that is there is never replaced. What people added
    on the hub stays: other files, and other keys at the head of the card, such as the licence.

    Raises
    ------
    InputError
        If the hub cannot be reached, does not let us in, or has a later version.
    """
    try:
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HFValidationError, HTTPError
    except ImportError:
        raise InputError(f"{target}: needs huggingface_hub; run `{INSTALL}`") from None
    api, name, tag = HfApi(), target.removeprefix(PREFIX).rstrip("/"), f"v{version}"
    try:
        api.create_repo(name, repo_type="dataset", private=True, exist_ok=True)
        refs = api.list_repo_refs(name, repo_type="dataset")
        tags = [ref.name for ref in refs.tags]
        if tag in tags:
            return f"{target} has {tag}; a version is never replaced, so nothing was uploaded"
        refuse_earlier(target, version, tags)
        # refused by the hub if somebody else commits meanwhile
        parent = next((ref.target_commit for ref in refs.branches if ref.name == "main"), None)
        keep_head(folder / CARD, read(api, name, CARD, parent) or "")
        commit = api.create_commit(
            name, list_operations(api, name, folder, parent), commit_message=f"Version {version}", repo_type="dataset",
            parent_commit=parent,
        )  # fmt: skip
        api.create_tag(name, tag=tag, revision=commit.oid, repo_type="dataset")
    except HFValidationError as error:
        raise InputError(f"{target}: is no data set's address ({_shorten(error)}); write {PREFIX}OWNER/NAME") from None
    except (HTTPError, OSError) as error:
        raise InputError(
            f"{target}: the hub did not take it ({_shorten(error)}); see that it answers, and that `hf auth login` or "
            "HF_TOKEN lets you write there, and run the command again"
        ) from None
    return f"version {version} is in {target}, at the tag {tag}"


def refuse_earlier(target: str, version: str, tags: Sequence[str]) -> None:
    """Raise InputError if a later version is on the hub, of which this one would take the place."""
    known = [Version.parse(tag[1:]) for tag in tags if tag.startswith("v") and Version.is_valid(tag[1:])]
    if known and max(known) > Version.parse(version):
        raise InputError(f"{target}: has v{max(known)}, which is later than {version}; publish a later version")


def list_operations(api: Any, name: str, folder: Path, parent: str | None) -> list[Any]:
    """Return what makes a commit of a folder: its files, and that those of the version before go that are not there."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    before = json.loads(read(api, name, CROISSANT, parent) or "{}").get("distribution", [])
    gone = [file["contentUrl"] for file in before if "contentUrl" in file and file["contentUrl"] not in paths]
    return [*(CommitOperationAdd(name, path) for name, path in paths.items()), *map(CommitOperationDelete, gone)]


def keep_head(card: Path, before: str) -> None:
    """Add to a card's head the keys that only the card before has, and leave out that no licence is known if one is."""
    _, head, text = card.read_text(encoding="utf-8").split(EDGE, 2)
    parts = before.split(EDGE, 2)
    # what people wrote may be anything
    old = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0] else None
    own = yaml.safe_load(head)
    added = {key: value for key, value in old.items() if key not in own} if isinstance(old, dict) else {}
    if "license" in added:
        text = text.replace(f"{LICENCE}\n", "")
    both = yaml.safe_dump({**own, **added}, sort_keys=False, allow_unicode=True)
    card.write_text(f"{EDGE}{both}{EDGE}{text}", encoding="utf-8")


def read(api: Any, name: str, path: str, revision: str | None) -> str | None:
    """Return the text of a file at a commit on the hub; None if it is not there."""
    if revision is None or not api.file_exists(name, path, repo_type="dataset", revision=revision):
        return None
    return Path(api.hf_hub_download(name, path, repo_type="dataset", revision=revision)).read_text(encoding="utf-8")


def _shorten(error: Exception) -> str:
    """Return what an error says on one line, without what it advises."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
