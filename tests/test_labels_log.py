"""One row's life: decisions, versions and certificates, of rows that move, leave and were never there."""

import subprocess
from pathlib import Path

import pytest

from labels.certify import plan_certificate
from labels.life import describe_certificate
from labels.log import show_log
from stages.artifacts.files import write_json
from stages.artifacts.quality import read_run
from stages.command.errors import InputError
from tests.certificates import Toy
from tests.conftest import Clone
from tests.pages import find_block

HEAD = "id,given_label,decision,label,reviewer,time,note,suggested_label,label_quality,settles,run"


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    monkeypatch.chdir(tmp_path)
    toy = Toy(20)
    write_json(toy.folder / "certificate/certificate.json", {"state": "none"})
    git("init", "--quiet", "--initial-branch=main")
    return toy


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True)


def decide(toy: Toy, *lines: str) -> None:
    (toy.folder / "decisions.csv").write_text("\n".join([HEAD, *lines]) + "\n")
    toy.clean()


def cells(log: str, head: str) -> list[dict[str, str]]:
    """Return the lines of a table by the names of its columns."""
    (table,) = [part for part in log.split("\n\n") if part.startswith(head)]
    names, *lines = table.splitlines()
    starts = [names.index(f"  {name}") + 2 if place else 0 for place, name in enumerate(NAMES[head])]
    ends = [*starts[1:], None]
    return [
        {name: line[start:end].strip() for name, start, end in zip(NAMES[head], starts, ends, strict=True)}
        for line in lines
    ]


NAMES = {
    "time": ["time", "reviewer", "about", "decision", "saw", "of run", "counts", "note"],
    "version": ["version", "given", "cleaned", "status", "by", "certificate"],
}


def test_a_row_without_decisions(toy: Toy) -> None:
    log = show_log("toy", "r10")
    assert log.startswith("toy: r10: given a, cleaned a, kept (undecided: keep)\nthe model suggests c: label quality ")
    assert "rank 11 of 20, flagged (run " in log
    assert "\n\nnobody has decided on it\n\n" in log
    assert cells(log, "version") == [
        {"version": "the working tree", "given": "a", "cleaned": "a", "status": "kept", "by": "undecided: keep",
         "certificate": "none"},
    ]  # fmt: skip


def test_which_decisions_count_and_what_they_saw(toy: Toy) -> None:
    run = read_run(toy.folder)
    decide(
        toy,
        f"r3,b,keep,,ann,2026-01-02T10:00:00Z,,c,0.5,,{run}",
        "r3,b,remove,,ann,2026-01-03T10:00:00Z,again,c,0.5,,0123abcd",
        "r3,b,undo,,ann,2026-01-04T10:00:00Z",
        "r3,b,relabel,c,bob,2026-01-01T10:00:00Z,,c,0.25",
        "r3,b,undo,,bob,2026-01-05T10:00:00Z",
        "r3,b,keep,,bob,2026-01-06T10:00:00Z,,,,,",
        "r4,a,keep,,bob,2026-01-06T10:00:00Z",
        "r3,c,remove,,cyd,2026-01-07T10:00:00Z",
    )
    said = [list(each.values())[1:] for each in cells(show_log("toy", "r3"), "time")]
    assert said == [
        ["bob", "r3: b", "relabel to c", "c, 0.25", "", "no", ""],
        ["ann", "r3: b", "keep", "c, 0.5", f"{run}, the present one", "yes", ""],
        ["ann", "r3: b", "remove", "c, 0.5", "0123abcd, another one", "no", "again"],
        ["ann", "r3: b", "undo", "no score", "", "no", ""],
        ["bob", "r3: b", "undo", "no score", "", "no", ""],
        ["bob", "r3: b", "keep", "no score", "", "yes", ""],
        ["cyd", "r3: c", "remove", "no score", "", "no", ""],
    ]


def test_a_file_without_the_column_of_runs(toy: Toy) -> None:
    toy.write([["r3", "b", "keep", "", "ann", "2026-01-02T10:00:00Z"]])
    (said,) = cells(show_log("toy", "r3"), "time")
    assert (said["reviewer"], said["of run"], said["counts"]) == ("ann", "", "yes")


def test_a_moved_picture_has_the_decisions_from_where_it_was(toy: Toy) -> None:
    labels = (toy.folder / "cleaned/labels.csv").read_text().splitlines()
    (toy.folder / "cleaned/labels.csv").write_text(
        "\n".join([f"{labels[0]},content", *(f"{line},c{row}" for row, line in enumerate(labels[1:]))]) + "\n"
    )
    (toy.folder / "decisions.csv").write_text(f"{HEAD},content\nold/r3,b,keep,,ann,,,,,,,c3\n")
    (said,) = cells(show_log("toy", "r3"), "time")
    assert (said["about"], said["counts"]) == ("old/r3: b", "yes")
    assert "ann" in show_log("toy", "old/r3")


def test_a_row_that_has_left(toy: Toy) -> None:
    decide(toy, "gone,a,remove,,ann,2026-01-02T10:00:00Z")
    log = show_log("toy", "gone")
    assert log.startswith("toy: gone: no longer in the data\nno model's opinion is known here\n\ntime")
    assert cells(log, "time")[0]["counts"] == "no"
    assert cells(log, "version")[0]["given"] == "not there"


def test_an_id_that_is_not_there(toy: Toy) -> None:
    with pytest.raises(InputError, match=r"^'R3': toy has no row with this id \(did you mean 'r3'\?\); correct it$"):
        show_log("toy", "R3")
    with pytest.raises(InputError, match=r"^'': toy has no row with this id; correct it$"):
        show_log("toy", "")


def test_without_the_folder_of_qualities(toy: Toy) -> None:
    (toy.folder / "quality/label_quality.csv").unlink()
    assert "no model's opinion is known here; `dvc repro` makes quality/, or `dvc pull` brings it" in show_log(
        "toy", "r3"
    )


def test_what_moves_a_cursor_is_not_printed(toy: Toy) -> None:
    decide(toy, "r3,b,keep,,\x1b[2Jann,2026-01-02T10:00:00Z,\x1b]0;x\x07")
    assert "\x1b" not in show_log("toy", "r3")


def test_its_place_in_a_certificate(toy: Toy) -> None:
    decide(toy, "r3,b,keep,,ann,2020-01-02T10:00:00Z")
    plan_certificate("toy", "50%")
    drawn = toy.plan.rows["id"].tolist()
    write_json(toy.folder / "certificate/certificate.json", {"state": "open", "drawn": 1})
    said = [describe_certificate("toy", None, row_id) for row_id in (drawn[0], drawn[1], "r3")]
    assert said == [
        "open: drawn as number 1, looked at", "open: drawn as number 2, not looked at yet",
        f"open: not among the first {len(drawn):,} to be drawn",
    ]  # fmt: skip


def test_a_damaged_certificate_hides_nothing_else(toy: Toy) -> None:
    (toy.folder / "certificate/certificate.json").write_text("<<<<<<<")
    assert cells(show_log("toy", "r3"), "version")[0]["certificate"] == "certificate.json is damaged"


def test_the_page_shows_what_is_printed(released: Clone) -> None:
    command, _, shown = find_block("docs/log.md", "$ python -m labels log").partition("\n")
    printed = released.run("sh", "-c", command.removeprefix("$ "))
    assert printed == shown


def test_a_version_out_of_reach_is_named(released_copy: Clone) -> None:
    released_copy.run("dvc", "remote", "modify", "store", "url", "/nowhere")
    released_copy.run("rm", "-rf", ".dvc/cache")
    released_copy.run("git", "tag", "--delete", "digits-labels@v1.1.0")
    printed = released_copy.labels("log", "digits", "7")
    assert "\nthe working tree  7      (removed)  removed  bob  none\n" in printed
    assert (
        "\ndata/digits/cleaned/labels.csv at v1.0.0: neither in DVC's cache nor on a remote within reach (" in printed
    )
    assert "labels: error: 'x': digits has no row with this id" in released_copy.labels("log", "digits", "x", code=2)
