"""What a user sees when a remote fails, as docs/remotes.md lists it; the same command succeeds once it is mended."""

import hashlib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, Clone
from tests.remotes import CLEANED, Remote, clone_anew, contents, serve

# botocore repeats a request that nobody answers five times, for half a minute
NO_RETRIES = {"AWS_MAX_ATTEMPTS": "1"}
# as docs/remotes.md words them, with … for what varies
NO_ANSWER = {
    "ssh": "failed to connect to ssh (…) - … Connect call failed",
    "s3": "failed to connect to s3 (…) - Could not connect to the endpoint URL",
    "http": "Some of the cache files do not exist neither locally nor on remote",
    "local": "Some of the cache files do not exist neither locally nor on remote",
}
REFUSED = {"ssh": "Permission denied for user … on host …", "s3": "Forbidden: An error occurred (403)"}
NO_CREDENTIALS = "Unable to locate credentials"
MISSING = "failed to transfer '…' - …"
DAMAGED = "Checkout failed for following targets"
NO_REMOTE = "no remote specified in …. Create a default remote"
NO_EXTRA = "is supported, but requires 'dvc-…' to be installed"
SYMPTOMS = {*NO_ANSWER.values(), *REFUSED.values(), NO_CREDENTIALS, MISSING, DAMAGED, NO_REMOTE, NO_EXTRA}


def check_shown(symptom: str, printed: str) -> None:
    assert symptom in SYMPTOMS
    assert re.search(re.escape(symptom).replace("…", ".+"), printed), printed


@dataclass
class Site:
    """A clone that has pushed the cleaned data, and its remote."""

    clone: Clone
    remote: Remote

    def join(self, folder: Path) -> Clone:
        other = clone_anew(self.clone, folder)
        self.remote.log_in(other)
        return other

    def labels(self) -> Path:
        """Return where the remote keeps the cleaned labels."""
        return self.remote.object(hashlib.md5(self.clone.path(f"{CLEANED}/labels.csv").read_bytes()).hexdigest())

    def damage_labels(self) -> None:
        with self.remote.away() as store:
            path = store / self.labels().relative_to(self.remote.store)
            content = bytearray(path.read_bytes())
            content[-2] ^= 1
            # it may be a link
            path.unlink()
            path.write_bytes(content)

    def check_pull(self, other: Clone) -> None:
        other.run("dvc", "pull", CLEANED)
        assert contents(other.path(CLEANED)) == contents(self.clone.path(CLEANED))


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, _reproduced: Clone, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp(request.param)
    with serve(request.param, folder) as remote:
        clone = _reproduced.copy_to(folder / "clone")
        remote.configure(clone)
        remote.push_from(clone, CLEANED)
        yield Site(clone, remote)


def on(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("site", kinds, indirect=True)


@on("local", "ssh", "s3", "http")
def test_a_remote_that_cannot_be_reached(site: Site, tmp_path: Path) -> None:
    other = site.join(tmp_path)
    with site.remote.away():
        check_shown(NO_ANSWER[site.remote.kind], other.run("dvc", "pull", CLEANED, code=1, **NO_RETRIES))
        assert not other.path(CLEANED).exists()
    site.check_pull(other)


@on("ssh", "s3")
def test_credentials_that_are_refused(site: Site, tmp_path: Path) -> None:
    other = site.join(tmp_path)
    if site.remote.kind == "ssh":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "stranger"], check=True)
        site.remote.log_in(other, keyfile=str(tmp_path / "stranger"))
    else:
        site.remote.log_in(other, secret_access_key="wrong")
    for command, code in (("pull", 1), ("push", 255)):
        check_shown(REFUSED[site.remote.kind], other.run("dvc", command, CLEANED, code=code))
    assert not other.path(CLEANED).exists()
    site.remote.log_in(other)
    site.check_pull(other)


@on("s3")
def test_credentials_that_nobody_gave(site: Site, tmp_path: Path) -> None:
    other = clone_anew(site.clone, tmp_path)
    check_shown(NO_CREDENTIALS, other.run("dvc", "pull", CLEANED, code=1))
    site.remote.log_in(other)
    site.check_pull(other)


@on("local", "ssh", "s3")
def test_an_object_that_is_missing(site: Site, tmp_path: Path) -> None:
    other = site.join(tmp_path)
    with site.remote.away() as store:
        (store / site.labels().relative_to(site.remote.store)).unlink()
    printed = other.run("dvc", "pull", CLEANED, code=1)
    check_shown(MISSING, printed)
    assert "".join(site.labels().parts[-2:]) in printed
    assert not other.path(CLEANED).exists()
    # a push takes the directory's own object for the proof that its files are there
    assert "Everything is up to date." in site.clone.run("dvc", "push", CLEANED)
    site.remote.mend_from(site.clone)
    site.check_pull(other)


@on("local", "ssh", "s3")
def test_an_object_that_is_damaged(site: Site, tmp_path: Path) -> None:
    other = site.join(tmp_path)
    site.damage_labels()
    check_shown(DAMAGED, other.run("dvc", "pull", CLEANED, code=1))
    assert not other.path(CLEANED).exists()
    assert not list(other.path(".dvc/cache").rglob(site.labels().name))
    site.remote.mend_from(site.clone)
    site.check_pull(other)


@on("local")
def test_get_does_not_verify_but_the_checksums_tell(site: Site, tmp_path: Path) -> None:
    site.damage_labels()
    other = clone_anew(site.clone, tmp_path)
    for name, code in (("got", 1), ("again", 0)):
        other.run("dvc", "get", f"file://{tmp_path}/hub.git", CLEANED, "--out", name)
        printed = other.run("sh", "-c", f"cd {name} && sha256sum --check SHA256SUMS", code=code)
        assert ("labels.csv: FAILED" in printed) == bool(code)
        site.remote.mend_from(site.clone)


def test_a_clone_without_a_remote_and_one_without_its_extra(shared_clone: Clone, tmp_path: Path) -> None:
    other = clone_anew(shared_clone, tmp_path)
    check_shown(NO_REMOTE, other.run("dvc", "push", CLEANED, code=1))
    other.run("dvc", "remote", "add", "--default", "store", "oss://bucket/store")
    check_shown(NO_EXTRA, other.run("dvc", "pull", CLEANED, code=255))


def test_the_page_words_each_symptom_as_it_is_printed() -> None:
    table = (ROOT / "docs/remotes.md").read_text().partition("| DVC prints |")[2]
    listed = set(re.findall(r"^\| `([^`]+)`", table, flags=re.MULTILINE))
    assert listed == SYMPTOMS
