"""Several labels in one cell are told, and class names with a comma are left alone."""

from pathlib import Path

import pandas as pd
import pytest

from stages.fetch.several import find_several
from tests.sources import run, write_block

SEVERAL = {
    "bars": ["a", "b", "a|b", "a"],
    "semicolons": ["a;b", "b;c", "a;c"],
    "commas": ["red, blue", "red", "blue", "green", "green, red"],
    "another order": ["a|b", "b|a"],
    "JSON": ['["a", "b"]', '["a"]', '["b"]'],
    "Python": ["['a', 'b']", "['b', 'c']", "['a', 'c']"],
    "sets": ["{a,b}", "{a}", "{b}"],
    "some that are rare": ["a|b", "a", "b", "a|rare", "b|c", "c"],
    "numbers": ["3,7,9", "3", "7", "9"],
}
SINGLE = {
    "one name with a comma": ["Books, old", "Toys", "Games"],
    "places": ["Portland, ME", "Portland, OR", "Austin, TX"],
    "sentences": ["yes, please", "no, thanks", "yes", "no"],
    "decimal commas": ["1,5", "2,5", "1,0", "5,1"],
    "lists of one": ["['a']", "['b']"],
    "brackets": ["a (b)", "a", "b"],
    "separators alone": ["|", ",", "a|", "|a", "a"],
    "no label": ["", "a", "b"],
    "numbers": ["1", "2", "10"],
}


@pytest.mark.parametrize("name", SEVERAL)
def test_labels_that_recur_together_are_several(name: str) -> None:
    found = find_several(pd.Series(SEVERAL[name]))
    assert found
    assert all(any(separator in label for separator in "|;,") for label in found)


@pytest.mark.parametrize("name", SINGLE)
def test_a_name_with_a_separator_is_one_class(name: str) -> None:
    assert find_several(pd.Series(SINGLE[name])) == []


def test_fetch_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data.csv").write_text("y,n\na|b,1\na,2\nb,3\na|b,4\n")
    write_block(tmp_path, {"fetch": {"sources": ["csv:data.csv"], "label": "y"}})
    assert run(tmp_path, "fetch", monkeypatch) == 0
    assert "fetch: toy: 2 row(s) look as if they had several labels ('a|b'); a row has one label here, so each" in (
        capsys.readouterr().out
    )
