"""Uploads a folder to the Hugging Face hub: as one commit, and a tag."""

from pathlib import Path

from labels.publishing.files import DATA
from stages.command.errors import InputError

PREFIX = "hf://datasets/"
INSTALL = "pip install -r requirements-embed.txt"


def upload(folder: Path, target: str, version: str) -> str:
    """Make a commit of a folder in a data set's repository on the hub, with the version's tag; say what was done.

    A repository that is not there is made, and is private. A version that is there is never replaced.

    Raises
    ------
    InputError
        If the hub cannot be reached, or does not let us in.
    """
    try:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
        from huggingface_hub.errors import HFValidationError, HTTPError
    except ImportError:
        raise InputError(f"{target}: needs huggingface_hub; run `{INSTALL}`") from None
    api, name, tag = HfApi(), target.removeprefix(PREFIX).rstrip("/"), f"v{version}"
    try:
        api.create_repo(name, repo_type="dataset", private=True, exist_ok=True)
        if tag in {ref.name for ref in api.list_repo_refs(name, repo_type="dataset").tags}:
            return f"{target} has {tag}; a version is never replaced, so nothing was uploaded"
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        files = [CommitOperationAdd(path.relative_to(folder).as_posix(), path) for path in paths]
        there = {file.path_in_repo for file in files}
        # such as a split that this version has no longer
        old = [path for path in api.list_repo_files(name, repo_type="dataset") if path.startswith(f"{DATA}/")]
        gone = [CommitOperationDelete(path) for path in old if path not in there]
        commit = api.create_commit(name, [*files, *gone], commit_message=f"Version {version}", repo_type="dataset")
        api.create_tag(name, tag=tag, revision=commit.oid, repo_type="dataset")
    except HFValidationError as error:
        raise InputError(f"{target}: is no data set's address ({_shorten(error)}); write {PREFIX}OWNER/NAME") from None
    except (HTTPError, OSError) as error:
        raise InputError(
            f"{target}: the hub did not take it ({_shorten(error)}); see that it answers, and that `hf auth login` or "
            "HF_TOKEN lets you write there, and run the command again"
        ) from None
    return f"{len(files):,} files in {target} at {tag}"


def _shorten(error: Exception) -> str:
    """Return what an error says on one line, without what it advises."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
