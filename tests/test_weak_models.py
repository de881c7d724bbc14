"""Through the stages: nothing comes of labels that nothing tells, and people's verdicts move what is expected."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.artifacts.decisions import COLUMNS
from stages.artifacts.files import read_json, read_table
from stages.artifacts.issues import read_flagged
from tests.sources import STAGES, Block, run, write_block

N_ROWS = 100
EARLIER = STAGES[: STAGES.index("find_issues")]


def write_table_of(folder: Path, tells: float, seed: int = 0, wrong: int = 0) -> Block:
    """Write two columns, the first of which tells the label so well, and return the block that takes them."""
    rng = np.random.default_rng(seed)
    labels = np.arange(N_ROWS) % 2
    columns = {"a": tells * labels + rng.normal(size=N_ROWS), "b": rng.normal(size=N_ROWS)}
    given = np.where(np.arange(N_ROWS) < wrong, 1 - labels, labels)
    pd.DataFrame({"k": np.arange(N_ROWS), **columns, "y": np.array(["no", "yes"])[given]}).to_csv(
        folder / "data.csv", index=False
    )
    return {
        "fetch": {"sources": ["csv:data.csv"], "label": "y", "id": "k"}, "preprocess": {}, "split": {},
        "crossval_predict": {"model": "logistic_regression"}, "find_issues": {}, "clean": {"undecided": "remove"},
    }  # fmt: skip


def run_all(folder: Path, block: Block, stages: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write_block(folder, block)
    for stage in stages:
        assert run(folder, stage, monkeypatch) == 0, stage


def decide(folder: Path, ids: Sequence[str], decision: str) -> None:
    """Write a person's verdict on the rows with these ids."""
    given = read_table(folder / "data/toy/quality/label_quality.csv").set_index("id")["given_label"]
    lines = [f"{row_id},{given[row_id]},{decision},,ann" for row_id in ids]
    (folder / "data/toy/decisions.csv").write_text("\n".join([",".join(COLUMNS[:5]), *lines, ""]))


def expect(folder: Path) -> float:
    """Return how many errors are expected in all."""
    return float(pd.read_csv(folder / "data/toy/quality/yield.csv")["expected"].iloc[-1])


def test_nothing_comes_of_random_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block, data = write_table_of(tmp_path, tells=0), tmp_path / "data/toy"
    run_all(tmp_path, block, EARLIER, monkeypatch)
    capsys.readouterr()
    run_all(tmp_path, block, ["find_issues", "clean"], monkeypatch)
    said, cleaned = capsys.readouterr().out.splitlines()
    assert said == (
        "find_issues: toy: 0 of 100 rows flagged; nothing is expected: the model is worthless on these data, "
        "no better than guessing"
    )
    assert cleaned == "clean: toy: 100 kept, 0 relabelled, 0 removed; 0 decided on by people"
    assert read_json(data / "quality/model.json")["verdict"] == "worthless"
    assert pd.read_csv(data / "quality/yield.csv").empty
    assert pd.read_csv(data / "quality/label_quality.csv")["error_prob"].isna().all()
    assert read_table(data / "changes.csv").empty


@pytest.mark.parametrize("rule", [{"budget": 7}, {"flag": "disagree"}])
def test_rules_do_nothing_to_random_labels_that_are_flagged(
    rule: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    block, data = write_table_of(tmp_path, tells=0) | {"find_issues": rule}, tmp_path / "data/toy"
    run_all(tmp_path, block, [*EARLIER, "find_issues", "clean"], monkeypatch)
    *_, said, cleaned = capsys.readouterr().out.splitlines()
    n_flagged = len(read_flagged(data))
    assert n_flagged >= 7
    assert said.startswith(f"find_issues: toy: {n_flagged} of 100 rows flagged; nothing is expected")
    assert cleaned.endswith(f"the rule held back on {n_flagged} flagged rows: the model is worthless")
    assert pd.read_csv(data / "quality/yield.csv").empty
    assert read_table(data / "changes.csv").empty


def test_after_20_verdicts_what_is_expected_has_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block, quality = write_table_of(tmp_path, tells=6, wrong=8), tmp_path / "data/toy/quality/label_quality.csv"
    run_all(tmp_path, block, [*EARLIER, "find_issues"], monkeypatch)
    before, first = expect(tmp_path), read_table(quality)
    ranked = first.sort_values("rank", key=lambda rank: rank.astype(int))
    undecided = pd.read_csv(quality, index_col="id").loc[ranked["id"].astype(int)[20:], "error_prob"].sum()
    expected = {}
    for decision in ("keep", "remove"):
        decide(tmp_path, ranked["id"][:20].tolist(), decision)
        run_all(tmp_path, block, ["find_issues"], monkeypatch)
        assert read_json(tmp_path / "data/toy/quality/model.json")["measures"]["verdicts"] == 20
        # verdicts move how probable errors are, and no rank
        for name in ("rank", "prior_error_prob"):
            assert read_table(quality)[name].tolist() == first[name].tolist()
        expected[decision] = expect(tmp_path)
    assert expected["keep"] < undecided
    assert expected["keep"] < before < expected["remove"]
    assert expected["remove"] > 20 + undecided


def test_verdicts_that_nobody_is_sure_of_move_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block, quality = write_table_of(tmp_path, tells=6, wrong=8), tmp_path / "data/toy/quality/label_quality.csv"
    run_all(tmp_path, block, [*EARLIER, "find_issues"], monkeypatch)
    before = quality.read_bytes()
    decide(tmp_path, list(map(str, range(20))), "unsure")
    run_all(tmp_path, block, ["find_issues"], monkeypatch)
    assert quality.read_bytes() == before
