"""Commands that start warm do what others do: here dvc.lock, which DVC writes more quickly there."""

import io

import pytest
from dvc.utils.serialize import _yaml as dvc_yaml

from tests.conftest import ROOT
from tests.warm import write_lock

TEXTS = [
    "1e5", "+12E-3", "1.5", "0x1f", "012", "1_000", "12:30:45", "2026-11-27", "yes", "null", "~", "", " a", "a: b",
]  # fmt: skip
LONG = "python -m stages.fetch " + 30 * "name " + 150 * "x"


def dump_as_dvc(content: object) -> str:
    file = io.StringIO()
    dvc_yaml._dump(content, file)
    return file.getvalue()


def test_the_lock_of_this_repository_is_written_as_it_was_read() -> None:
    lock = dvc_yaml.parse_yaml((ROOT / "dvc.lock").read_text(), "dvc.lock")
    assert dvc_yaml.parse_yaml(write_lock(lock), "dvc.lock") == lock


@pytest.mark.parametrize("value", [*TEXTS, LONG, "Größe ☃", 1e5, 1e-05, 0.001, -3, 2**40, True, None, [], {}, ["a", 1]])
def test_a_value_is_read_as_it_was_written(value: object) -> None:
    lock = {"schema": "2.0", "stages": {"fetch@digits": {"params": {"params.yaml": {"digits.fetch": value}}}}}
    assert repr(dvc_yaml.parse_yaml(write_lock(lock), "dvc.lock")) == repr(lock)


def test_the_lines_of_a_lock_are_dvcs() -> None:
    path = {"path": "data/digits/raw", "hash": "md5", "md5": "2e5b18dc.dir", "size": 1, "nfiles": 3}
    params = {"params.yaml": {"digits.embed": {"source": None, "texts": ["a", "b c"], "share": 0.05}}}
    stage = {"cmd": "python -m stages.fetch digits", "deps": [path], "params": params, "outs": [path]}
    lock = {"schema": "2.0", "stages": {"fetch@digits": stage}}
    assert write_lock(lock) == dump_as_dvc(lock)
