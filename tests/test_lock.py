"""requirements.lock names what requirements.txt pins, in the same versions, and all that comes with it."""

import re
from importlib.metadata import requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[\w.]+)(?P<rest>[^\\\n]*(?:\\\n    --hash=sha256:[0-9a-f]{64} ?)*)", re.MULTILINE
)


def read_pins(name: str) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for pin in PIN.finditer((ROOT / name).read_text()):
        pins.setdefault(canonicalize_name(pin["name"]), set()).add(pin["version"])
    return pins


LOCKED, PINNED = read_pins("requirements.lock"), read_pins("requirements.txt")


def test_each_package_that_is_pinned_is_locked_but_torch() -> None:
    assert {name: LOCKED.get(name) for name in PINNED.keys() - {"torch"}} == {
        name: versions for name, versions in PINNED.items() if name != "torch"
    }


def test_what_comes_with_them_is_locked_in_a_version_that_they_take() -> None:
    for name in PINNED.keys() - {"torch"}:
        for needed in map(Requirement, requires(name) or []):
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                versions = LOCKED[canonicalize_name(needed.name)]
                assert any(needed.specifier.contains(version) for version in versions), (name, needed)


def test_each_has_the_hashes_of_its_files_and_torch_is_left_to_the_machine() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert all("--hash=" in pin["rest"] for pin in PIN.finditer(text))
    assert len(LOCKED) > 3 * len(PINNED)
    assert not {name for name in LOCKED if name == "torch" or name.startswith(("nvidia", "triton"))}
    # no address of the index that it was made by
    assert "://" not in text
