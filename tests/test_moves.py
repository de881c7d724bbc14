"""Decisions outlive what happens to pictures at the source: they are moved, removed, and put where they belong."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labels.versions import find_unapplied, read_version
from review.__main__ import open_review
from review.sent import Choice, Row, Undo
from review.session import Review
from stages.artifacts.decisions import parse_decisions
from stages.artifacts.files import read_json, read_table
from tests.sources import STAGES, make_source, run, write_block

DATA = Path("data/toy")
PETS = Path("pets")


@pytest.fixture
def pets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Review:
    """The review of twelve pictures in two folders, no two of them alike, after all stages."""
    block = make_source(tmp_path, "pictures")
    for number, path in enumerate(sorted((tmp_path / "pets").rglob("*.png"))):
        Image.fromarray(np.full((8, 8), 20 * number, np.uint8)).save(path)
    block["crossval_predict"]["model"] = "sklearn.linear_model:LogisticRegression"
    write_block(tmp_path, block)
    assert [run(tmp_path, stage, monkeypatch) for stage in STAGES] == [0] * len(STAGES)
    return open_review("toy", "ann")


def decide(review: Review, row_id: str, decision: str, label: str = "") -> None:
    review.deciding.decide(Choice(reviewer="ann", rows=[Row(id=row_id, decision=decision, label=label)]))


def run_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    assert [run(folder, stage, monkeypatch) for stage in STAGES] == [0] * len(STAGES)
    cleaned = read_table(DATA / "cleaned/labels.csv")
    return {row["id"]: row for row in cleaned.to_dict("records")}  # type: ignore[misc]


def test_decisions_follow_moved_pictures(
    pets: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(pets, "cat/00.png", "relabel", "dog")
    decide(pets, "cat/02.png", "keep")
    decide(pets, "cat/04.png", "keep")
    decide(pets, "cat/06.png", "remove")
    contents = {said.id: said.content for said in parse_decisions(DATA / "decisions.csv")}
    known = read_table(DATA / "prepared/ids.csv").set_index("id")["content"]
    assert contents == {row_id: known[row_id] for row_id in contents}
    assert all(len(content) == 16 for content in contents.values())
    # the first as was decided, the second against it, the third away, the fourth by another name
    (PETS / "cat/00.png").rename(PETS / "dog/00.png")
    (PETS / "cat/02.png").rename(PETS / "dog/02.png")
    (PETS / "cat/04.png").unlink()
    (PETS / "cat/06.png").rename(PETS / "cat/6.png")
    decisions = (DATA / "decisions.csv").read_bytes()
    capsys.readouterr()
    cleaned = run_again(tmp_path, monkeypatch)
    said = capsys.readouterr().out
    assert "split: toy: decisions on 2 row(s) follow pictures that lie elsewhere now: cat/00.png → dog/00.png, " in said
    assert "split: toy: decisions on 2 row(s) that have left the data are put aside: cat/04.png, cat/06.png" in said
    assert "split: toy: decisions on 1 row(s) are put aside, for the given label has changed since: dog/02.png" in said
    assert said.count("put aside") == 2
    assert {row_id for row_id, row in cleaned.items() if row["decided_by"] == "people"} == {"dog/00.png"}
    assert (cleaned["dog/00.png"]["label"], cleaned["dog/00.png"]["status"]) == ("dog", "kept")
    assert cleaned["cat/6.png"]["status"] == "kept"
    assert (DATA / "decisions.csv").read_bytes() == decisions
    assert read_json(Path("reports/toy/metrics.json"))["reviewed"] == 1
    assert list(find_unapplied("toy", read_version("toy", None))) == []


def test_the_review_page_knows_them_too(pets: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(pets, "cat/00.png", "relabel", "dog")
    decide(pets, "cat/02.png", "keep")
    (PETS / "cat/00.png").rename(PETS / "dog/00.png")
    (PETS / "cat/02.png").rename(PETS / "cat/2.png")
    run_again(tmp_path, monkeypatch)
    review = open_review("toy", "bob")
    standing = review.deciding.tell()["standing"]
    assert {row_id: (said[0]["decision"], said[0]["given_label"]) for row_id, said in standing.items()} == {
        "dog/00.png": ("keep", "dog"),
        "cat/2.png": ("keep", "cat"),
    }
    # what is decided on the row itself counts, alone and for good
    review.deciding.decide(Choice(reviewer="bob", rows=[Row(id="cat/2.png", decision="relabel", label="dog")]))
    assert [said["reviewer"] for said in review.deciding.tell()["standing"]["cat/2.png"]] == ["bob"]
    for _ in range(2):
        review.deciding.undo(Undo(reviewer="ann"))
    assert "dog/00.png" not in review.deciding.tell()["standing"]
    assert "dog/00.png" not in open_review("toy", "bob").deciding.tell()["standing"]


def test_a_file_of_decisions_without_the_column_goes_on_working(
    pets: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = DATA / "decisions.csv"
    path.write_text(path.read_text().replace(",content", ""))
    review = open_review("toy", "ann")
    decide(review, "cat/00.png", "keep")
    assert "content" not in path.read_text()
    (PETS / "cat/00.png").rename(PETS / "dog/00.png")
    cleaned = run_again(tmp_path, monkeypatch)
    assert not any(row["decided_by"] == "people" for row in cleaned.values())
