"""The cleaned data reach others through each kind of remote, unchanged."""

import configparser
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, Clone, copy_working_tree, make_as_shipped
from tests.pages import find_block
from tests.remotes import CLEANED, Remote, clone_anew, contents, serve
from tests.web import serve_folder

# what docs/remotes.md keeps out of git
SECRETS = {"access_key_id", "secret_access_key", "session_token", "password", "passphrase", "keyfile"}


@pytest.fixture(params=["local", "ssh", "s3", "http"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    with serve(request.param, tmp_path) as remote:
        yield remote


def test_others_take_the_cleaned_data(clone: Clone, remote: Remote, tmp_path: Path) -> None:
    remote.name_in(clone)
    assert "files pushed" in remote.push_from(clone)
    other = clone_anew(clone, tmp_path)
    remote.log_in(other)
    other.run("dvc", "pull", CLEANED)
    assert contents(other.path(CLEANED)) == contents(clone.path(CLEANED))
    assert other.run("git", "status", "--short") == ""
    options = [f"{key}={value}" for key, value in remote.secrets.items()]
    last = ["--remote-config", *options] if options else []
    other.run("dvc", "get", f"file://{tmp_path}/hub.git", CLEANED, "--out", "got", *last)
    assert contents(other.path("got")) == contents(clone.path(CLEANED))


def test_a_branch_is_a_remote_that_every_clone_reads(clone: Clone, tmp_path: Path) -> None:
    hub, host = tmp_path / "hub.git", tmp_path / "host"
    clone.run("git", "clone", "--quiet", "--bare", ".", str(hub))
    clone.run("git", "remote", "add", "origin", str(hub))
    lines = find_block("docs/remotes.md", "git clone --no-checkout").splitlines()
    with serve_folder(host) as address:
        for line in lines:
            # the host shows what its branch holds
            if line.startswith("dvc remote add --default"):
                clone.run("git", "clone", "--quiet", "--branch", "data", str(hub), str(host / "OWNER/REPO/data"))
            clone.run("sh", "-c", line.replace("https://raw.githubusercontent.com", address))
        clone.run("git", "push", "--quiet", "origin", "main")
        clone.labels("release", "digits", "1.0.0")
        clone.run("git", "clone", "--quiet", str(hub), str(tmp_path / "anew"))
        other = Clone(tmp_path / "anew")
        other.run("dvc", "pull", CLEANED)
    assert contents(other.path(CLEANED)) == contents(clone.path(CLEANED))


def test_the_shipped_configuration_names_no_remote(tmp_path: Path) -> None:
    committed = (ROOT / ".dvc/config").read_text()
    if "remote" in committed:
        pytest.skip("this repository's team has named a remote")
    copy_working_tree(tmp_path)
    make_as_shipped(tmp_path)
    assert (tmp_path / ".dvc/config").read_text() == committed


def test_a_remote_in_the_committed_configuration_verifies_and_holds_no_secret() -> None:
    assert careless((ROOT / ".dvc/config").read_text()) == []
    section = "['remote \"store\"']\n    url = s3://bucket/store\n"
    assert careless(f"{section}    verify = true\n") == []
    assert careless(section) == ["store: verify is not true"]
    assert careless(f"{section}    verify = true\n    password = x\n") == ["store: password belongs in config.local"]


def careless(config: str) -> list[str]:
    """Return what is wrong with the remotes that a committed configuration names."""
    parsed = configparser.ConfigParser()
    parsed.read_string(config)
    found = []
    for title in parsed.sections():
        if title.startswith("'remote "):
            name, options = title.split('"')[1], parsed[title]
            found += [] if options.get("verify") == "true" else [f"{name}: verify is not true"]
            found += [f"{name}: {key} belongs in config.local" for key in options if key in SECRETS]
    return found
