"""What a plan shows, from decisions in any order, and what it no longer does when data, rules or decisions change."""

import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import stages.certificate.plan as plan_module
from labels.certify import plan_certificate, show_progress
from stages.certificate.checks import COLUMNS
from stages.certificate.drawing import UNKNOWN
from stages.certificate.words import bound, percent
from tests.certificates import AFTER, BEFORE, Toy


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def toy() -> Toy:
    return Toy()


def test_without_a_plan_there_is_no_certificate(toy: Toy) -> None:
    assert toy.certify() == {
        "state": "none",
        "headline": "No certificate: nothing is planned.",
        "text": "No certificate: nothing is planned.",
    }


def test_a_plan_is_open_until_its_goal_is_reached(toy: Toy) -> None:
    printed = plan_certificate("toy", "2%")
    assert printed.startswith("toy: planned to show with 95 % confidence that at most 6 of 300 labels (2 %) are wrong.")
    assert "Rows are drawn from 300 on which nobody has decided.\nIt will likely take about " in printed
    assert "    git add data/toy/certificate && git commit -m 'Plan a certificate of toy'" in printed
    nothing = toy.certify()
    assert (nothing["state"], nothing["drawn"], nothing["bound"]["most"]) == ("open", 0, 300)
    assert nothing["sentence"] == "Nothing is shown yet: nobody has looked at a drawn row."
    toy.write(toy.judge(40, wrong=2))
    half = toy.certify()
    assert (half["state"], half["drawn"], half["found"], half["reviewers"]) == ("open", 40, 2, ["ann"])
    assert half["way"].startswith("The goal, at most 6 wrong labels (2 %), takes ")
    toy.write(toy.judge(260, wrong=2))
    whole = toy.certify()
    most = whole["bound"]["most"]
    assert whole["state"] == "reached"
    assert most <= 6 < half["bound"]["most"]
    assert whole["sentence"] == f"With 95 % confidence, at most {most} of 300 labels ({bound(most / 300)}) are wrong."
    assert whole["headline"] == f"certified: at most {bound(most / 300)} wrong (95 %), 260 rows looked at"
    assert (whole["first_verdict"], whole["last_verdict"]) == (AFTER, AFTER)
    assert whole["before"]["low"] >= 2
    assert "260 rows drawn at random, doubtful ones rather, looked at by ann (2100-01-01): 2 wrong" in whole["text"]
    assert show_progress("toy").startswith(f"toy: {whole['sentence']}\n{whole['way']}\n260 drawn rows looked at, 2 of")


def test_removed_rows_are_no_labels(toy: Toy) -> None:
    plan_certificate("toy", "2%")
    lines = toy.judge(50)
    lines[3][2] = "remove"
    toy.write(lines)
    assert toy.certify()["bound"]["labels"] == 299


def test_the_order_of_lines_does_not_matter(toy: Toy) -> None:
    plan_certificate("toy", "2%")
    lines = toy.judge(60, wrong=1)
    lines += [[*line[:4], "bob", "2100-01-02T10:00:00Z"] for line in toy.judge(30)[1:]]
    lines += [[*toy.judge(71)[70][:2], "unsure", "", "bob", AFTER]]
    # taken back, and decided on again
    lines += [[*lines[5][:2], "undo", "", "ann", "2100-01-03T10:00:00Z"]]
    lines += [[*lines[6][:2], "unsure", "", "ann", "2100-01-03T10:00:00Z"]]
    toy.write(lines)
    toy.certify()
    before = toy.path.read_bytes()
    for seed in range(5):
        # a merge may keep a line of both files
        toy.write(random.Random(seed).sample([*lines, *lines[:10]], len(lines) + 10))
        toy.certify()
        assert toy.path.read_bytes() == before


def test_unsure_rows_and_those_that_people_do_not_agree_on_count_as_wrong(toy: Toy) -> None:
    plan_certificate("toy", "2%")
    lines = toy.judge(100)
    toy.write(lines)
    right = toy.certify()
    lines[0][2] = "unsure"
    toy.write(lines)
    unsure = toy.certify()
    assert (unsure["found"], unsure["unsure"]) == (0, 1)
    assert unsure["bound"]["most"] > right["bound"]["most"]
    assert "1 drawn row on which nobody is sure, or people disagree: counted as wrong." in unsure["says_not"]
    assert "labels were wrong, or not clear to people." in unsure["text"]


def test_the_same_data_give_the_same_order_and_other_decisions_another(toy: Toy) -> None:
    plan_certificate("toy", "2%")
    order = toy.plan.order
    plan_certificate("toy", "2%", confidence="90%")
    assert toy.plan.order == order
    toy.write([["r7", "b", "keep", "", "ann", BEFORE]])
    plan_certificate("toy", "2%")
    assert (toy.plan.n_rows, toy.plan.decided, toy.plan.found) == (299, 1, 0)
    assert toy.plan.order != order


def test_what_people_had_found_before_counts_for_the_errors_before_cleaning(toy: Toy) -> None:
    toy.write([[f"r{row}", "a", "relabel", "c", "ann", BEFORE] for row in (0, 10, 12)])
    plan_certificate("toy", "2%")
    toy.write([*[[f"r{row}", "a", "relabel", "c", "ann", BEFORE] for row in (0, 10, 12)], *toy.judge(297)])
    certificate = toy.certify()
    assert certificate["before"] == {"labels": 300, "low": 3, "high": 3}
    # of three wrong ones, two are flagged
    assert certificate["flags"] == {
        "flagged": 30, "decided": 30, "found": 2, "recall_low": 0.6667, "recall_high": 0.6667,
    }  # fmt: skip
    assert certificate["model"]["off"] == pytest.approx(certificate["model"]["expected"])
    assert (
        "People had decided on 3 rows before it was planned. Their labels are taken to be right."
        in (certificate["says_not"])
    )


def test_open_flagged_rows_leave_the_recall_open(toy: Toy) -> None:
    toy.write([["r0", "a", "relabel", "c", "ann", BEFORE]])
    plan_certificate("toy", "2%")
    toy.write([["r0", "a", "relabel", "c", "ann", BEFORE], *toy.judge(60)])
    certificate = toy.certify()
    flags, before = certificate["flags"], certificate["before"]
    assert flags["found"] == 1
    assert flags["recall_low"] == pytest.approx(1 / before["high"], abs=1e-4)
    assert flags["recall_high"] == 1.0


def test_a_worthless_model_draws_evenly_and_expects_nothing() -> None:
    toy = Toy(worthless=True)
    printed = plan_certificate("toy", "2%")
    assert (toy.plan.weights, toy.plan.shares) == ([4], [UNKNOWN])
    assert "if all of them are right; how many the model expects to be wrong is not known." in printed
    toy.write(toy.judge(100))
    assert toy.certify()["model"] is None


def test_a_goal_that_is_far_off_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "LISTED", 20)
    toy = Toy()
    more = "more than 20 rows if"
    assert f"take {more} all of them are right, and {more} as many" in plan_certificate("toy", "2%")
    assert (
        toy.certify()["way"]
        == "The goal, at most 6 wrong labels (2 %), takes more than the 20 rows that the plan lists."
    )


def test_a_goal_that_unsure_rows_keep_out_of_reach_says_so(toy: Toy) -> None:
    plan_certificate("toy", "1%")
    toy.write([[*line[:2], "unsure" if place < 4 else "keep", *line[3:]] for place, line in enumerate(toy.judge(300))])
    certificate = toy.certify()
    assert (certificate["state"], certificate["bound"]["most"]) == ("open", 4)
    assert certificate["way"].endswith(
        "while nobody is sure of 4 drawn rows or stands for 0 other rows: decide on these."
    )


def change_label(toy: Toy) -> None:
    toy.rows.loc[toy.rows["id"] == toy.plan.rows["id"].iloc[-1], "given_label"] = "c"


def add_row(toy: Toy) -> None:
    new = pd.DataFrame([["new", "a", 0.1]], columns=toy.rows.columns)
    toy.rows = pd.concat([toy.rows, new], ignore_index=True)


def lose_row(toy: Toy) -> None:
    toy.rows = toy.rows[toy.rows["id"] != toy.plan.rows["id"].iloc[0]].reset_index(drop=True)


@pytest.mark.parametrize("change", [change_label, add_row, lose_row])
def test_changed_data_outdate_it_and_what_was_shown_of_other_rows_holds(toy: Toy, change: Any) -> None:
    plan_certificate("toy", "2%")
    lines = toy.judge(260)
    toy.write(lines)
    most = toy.certify()["bound"]["most"]
    change(toy)
    toy.clean()
    certificate = toy.certify()
    assert certificate["state"] == "outdated"
    assert certificate["bound"] == {"most": most, "labels": None, "share": None}
    assert certificate["sentence"] == (
        f"The data have changed since the plan was made. With 95 % confidence, at most {most} of the labels that are "
        "as they were then are wrong; new and changed rows are not covered."
    )
    assert certificate["headline"] == "certificate outdated: the data have changed since it was planned"
    # it had reached its goal, so that a new one takes nothing off
    plan_certificate("toy", "2%", again=True)
    assert toy.plan.spent == 0


def test_changed_data_before_anyone_looked_show_nothing(toy: Toy) -> None:
    plan_certificate("toy", "2%")
    add_row(toy)
    toy.clean()
    assert "Nothing was shown before; new and changed rows" in toy.certify()["sentence"]
    plan_certificate("toy", "2%")
    assert toy.certify()["state"] == "open"


@pytest.mark.parametrize("listed", [5000, 290])
@pytest.mark.parametrize("taken_back", ["undo", "unsure", "gone"])
def test_a_decision_that_is_taken_back_counts_as_wrong(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, listed: int, taken_back: str
) -> None:
    monkeypatch.setattr(plan_module, "LISTED", listed)
    early = [["r7", "b", "keep", "", "ann", BEFORE], ["r8", "a", "keep", "", "ann", BEFORE]]
    toy.write(early)
    plan_certificate("toy", "3%")
    lines = toy.judge(250)
    toy.write([*early, *lines])
    whole = toy.certify()
    back = [["r7", "b", taken_back, "", "ann", AFTER]] if taken_back != "gone" else []
    toy.write([*(early if back else early[1:]), *lines, *back])
    certificate = toy.certify()
    assert (whole["uncovered"], certificate["uncovered"]) == (0, 1)
    assert certificate["bound"]["most"] == whole["bound"]["most"] + 1
    assert "takes 0 more rows" not in certificate["way"]
    assert any(limit.startswith("1 label that nobody stands for") for limit in certificate["says_not"])


def test_labels_that_a_rule_changes_count_as_wrong(toy: Toy) -> None:
    plan_certificate("toy", "2%")
    lines = toy.judge(30)
    toy.write(lines)
    before = toy.certify()
    undecided = [row for row in toy.rows["id"][::10] if row not in {line[0] for line in lines}]
    toy.clean(undecided="relabel", act_above=0.0)
    relabelled = toy.certify()
    assert relabelled["uncovered"] == len(undecided) > 0
    assert relabelled["bound"]["most"] == before["bound"]["most"] + len(undecided)
    toy.clean(undecided="remove", act_above=0.0)
    removed = toy.certify()
    assert (removed["uncovered"], removed["bound"]["labels"]) == (0, 300 - len(undecided))


def test_a_split_is_certified_by_itself() -> None:
    toy = Toy(split=True)
    printed = plan_certificate("toy", "4%", split="test")
    assert "at most 4 of 100 labels of the split test (4 %) are wrong" in printed
    assert toy.plan.n_rows == 100
    toy.write(toy.judge(100))
    certificate = toy.certify()
    assert certificate["sentence"] == (
        "With 95 % confidence, at most 0 of 100 labels of the split test (0.00 %) are wrong."
    )
    toy.rows.loc[1, "given_label"] = "c"
    toy.clean()
    assert toy.certify()["state"] == "reached"
    toy.rows.loc[0, "given_label"] = "c"
    toy.clean()
    assert toy.certify()["state"] == "outdated"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0.00 %"), (14 / 1797, "0.78 %"), (0.01, "1.00 %"), (0.010001, "1.01 %"), (1.0, "100.00 %")],
)
def test_a_bound_is_rounded_up(share: float, text: str) -> None:
    assert bound(share) == text


def test_a_share_is_written_as_it_was_asked_for() -> None:
    assert [percent(share) for share in (0.01, 0.005, 0.95, 0.999, 1 - 0.95)] == [
        "1 %",
        "0.5 %",
        "95 %",
        "99.9 %",
        "5 %",
    ]


def write_checks(toy: Toy, lines: list[str]) -> None:
    of = toy.plan.order[:12]
    rows = [f"{line},2100-01-02T10:00:00Z,{of}\n" for line in lines]
    (toy.folder / "certificate" / "checks.csv").write_text("".join([",".join(COLUMNS) + "\n", *rows]))


def test_reviewers_are_measured_and_the_bound_corrected(toy: Toy) -> None:
    plan_certificate("toy", "2%")
    toy.write(toy.judge(200, wrong=1))
    certificate = toy.certify()
    assert (certificate["reviewers_measured"], certificate["corrected"]) == (None, None)
    first = toy.plan.rows.iloc[5]
    turned = [f"{row_id},known,c,relabel,a,ann" for row_id in toy.plan.rows["id"][200:260]]
    write_checks(
        toy, [*turned[:-1], turned[-1].replace("relabel,a", "keep,"), f"{first.id},again,{first.label},keep,,ann"]
    )
    checked = toy.certify()
    assert checked["reviewers_measured"] == {
        "known": 60, "missed": 1, "by_reviewer": {"ann": {"known": 60, "missed": 1}}, "again": 1, "same": 1,
        "alpha": None,
    }  # fmt: skip
    corrected = checked["corrected"]
    assert checked["bound"]["most"] < corrected["most"] < 30
    assert corrected["share"] == pytest.approx(corrected["most"] / 300)
    assert (
        "Of 60 labels that were turned on purpose, reviewers called 1 right. With what they miss, at most"
        in (checked["text"])
    )
    assert "Of 1 row that came twice, the looks agreed on 1." in checked["text"]
    before = toy.path.read_bytes()
    write_checks(
        toy,
        [f"{first.id},again,{first.label},keep,,ann", *reversed(turned[:-1]), turned[-1].replace("relabel,a", "keep,")],
    )
    toy.certify()
    assert toy.path.read_bytes() == before


def test_too_few_known_rows_correct_nothing_and_those_of_other_plans_do_not_count(toy: Toy) -> None:
    plan_certificate("toy", "2%")
    toy.write(toy.judge(100))
    write_checks(toy, ["r299,known,c,keep,,ann"])
    certificate = toy.certify()
    assert (certificate["reviewers_measured"]["missed"], certificate["corrected"]) == (1, None)
    assert "What they miss cannot be bounded by so few." in certificate["text"]
    plan_certificate("toy", "2%", again=True)
    assert toy.certify()["reviewers_measured"] is None
