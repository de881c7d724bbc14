"""The review's server hands out drawn rows, blind to the model, and says what they show; checks are no decisions."""

import csv
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.certify.cards import AGAIN, BETWEEN, DRAWN, KNOWN, LENT_S, STORE, Card, Dealer, Shown
from review.certify.schedule import APART
from stages.artifacts.decisions import UNDO, Decision
from stages.artifacts.files import read_table, write_json, write_table
from stages.artifacts.quality import read_quality
from stages.artifacts.standing import find_standing
from stages.certificate.plan import Plan, digest_data
from stages.certificate.progress import Tracker
from tests.review import HEAD, Page, add_plan, make_artifacts, serve_review
from tests.test_review import run_review

CLASSES = ["cat", "dog", "owl"]
# what a card says: nothing of the model
SAYS = {"card", "row", "id", "given_label", "content"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_artifacts(tmp_path, CLASSES, 300, 12)


@pytest.fixture
def plan(folder: Path) -> Plan:
    return add_plan(folder)


@pytest.fixture
def page(folder: Path, plan: Plan) -> Iterator[Page]:
    with serve_review(folder) as page:
        yield page


def ask(page: Page, reviewer: str = "Ann", goal: float = 0.01, **more: Any) -> Any:
    status, answer = page.post("/api/certify", reviewer=reviewer, goal=goal, **more)
    assert status == 200, answer
    return answer


def judge(page: Page, card: Any, decision: str = "keep", label: str = "", reviewer: str = "Ann") -> Any:
    row = {"id": card["id"], "decision": decision, "label": label}
    status, answer = page.post("/api/decisions", reviewer=reviewer, card=card["card"], rows=[row])
    assert status == 200, answer
    return answer


def look_at(page: Page, count: int, **asked: Any) -> list[Any]:
    """Call the next rows right, and return their cards."""
    cards = []
    for _ in range(count):
        cards.append(ask(page, **asked)["cards"][0])
        judge(page, cards[-1], reviewer=asked.get("reviewer", "Ann"))
    return cards


def read_checks(page: Page) -> list[dict[str, str]]:
    path = page.folder / "data/digits/certificate/checks.csv"
    return list(csv.DictReader(path.open(encoding="utf-8", newline=""))) if path.exists() else []


def read_decisions(page: Page) -> list[dict[str, str]]:
    return list(csv.DictReader(page.decisions.open(encoding="utf-8", newline="")))


def test_rows_come_in_the_order_of_the_plan_and_say_nothing_of_the_model(page: Page, plan: Plan) -> None:
    cards = ask(page)["cards"]
    assert [card["id"] for card in cards] == plan.rows["id"].tolist()[:STORE]
    assert [card["given_label"] for card in cards] == plan.rows["label"].tolist()[:STORE]
    details = page.read(f"/api/cards/{cards[0]['card']}")
    assert set(cards[0]) == SAYS
    assert set(details) == {"content", "typical", "nearest"}
    assert {row["given_label"] for row in details["typical"]} == {cards[0]["given_label"]}
    said = json.dumps([cards, details])
    assert not any(word in said for word in ("suggested", "quality", "prob", "rank", "likel", "flagged"))


def test_a_verdict_is_a_blind_decision_and_the_bound_falls(page: Page) -> None:
    before = ask(page)["progress"]
    assert (before["looked_at"], before["most"], before["reached"]) == (0, 300, False)
    look_at(page, 30)
    after = ask(page)
    assert after["progress"]["looked_at"] == 30
    assert after["progress"]["most"] < 60
    assert after["course"][0] == [0, 300]
    assert after["course"][-1] == [30 - len(read_checks(page)), after["progress"]["most"]]
    assert {(line["suggested_label"], line["label_quality"]) for line in read_decisions(page)} == {("", "")}


def test_wrong_and_not_sure_are_told_apart_and_both_count(page: Page) -> None:
    first, second, third = ask(page)["cards"][:3]
    judge(page, first, "relabel", next(name for name in CLASSES if name != first["given_label"]))
    judge(page, second, "remove")
    judge(page, third, "unsure")
    progress = ask(page)["progress"]
    assert (progress["looked_at"], progress["wrong"], progress["unsure"]) == (3, 2, 1)
    assert (progress["labels"], progress["most"]) == (299, 298)


def test_an_undo_brings_the_row_and_the_bound_back(page: Page) -> None:
    look_at(page, 3)
    before = ask(page)
    judge(page, before["cards"][0], "remove")
    assert ask(page)["progress"]["labels"] == 299
    assert page.post("/api/undo", reviewer="Ann")[0] == 200
    after = ask(page)
    assert (after["progress"], after["course"]) == (before["progress"], before["course"])
    assert after["cards"][0]["id"] == before["cards"][0]["id"]


def test_a_goal_is_the_pages_and_changes_no_bound(page: Page, plan: Plan) -> None:
    look_at(page, 20)
    loose, tight = ask(page, goal=0.3), ask(page, goal=0.005)
    assert loose["progress"]["most"] == tight["progress"]["most"]
    assert (loose["progress"]["reached"], loose["cards"], tight["progress"]["reached"]) == (True, [], False)
    assert loose["end"]["checks"] == {"again": 0, "same": 0, "known": []}
    assert len(ask(page, goal=0.3, beyond=True)["cards"]) == STORE
    assert page.read("/api/session")["certify"]["goal"] == plan.goal


def test_a_verdict_given_elsewhere_counts_and_is_not_asked_again(page: Page, plan: Plan) -> None:
    ids = plan.rows["id"].tolist()
    page.decide(ids[0], "keep", reviewer="Bob")
    page.decide(ids[2], "keep", reviewer="Bob")
    answer = ask(page)
    assert [card["id"] for card in answer["cards"]][:2] == [ids[1], ids[3]]
    assert (answer["progress"]["looked_at"], answer["progress"]["ahead"]) == (1, 1)
    # a card that a page still has is no longer there to look at
    held = [card["card"] for card in answer["cards"]]
    page.decide(ids[1], "keep", reviewer="Bob")
    assert next(card["id"] for card in ask(page, held=held)["cards"]) == ids[3]
    assert ask(page, held=held)["progress"]["looked_at"] == 3


def test_two_reviewers_look_at_different_rows(page: Page, plan: Plan) -> None:
    ids = plan.rows["id"].tolist()
    ann, bob = ask(page)["cards"], ask(page, reviewer="Bob")["cards"]
    assert [card["id"] for card in ann + bob] == ids[: 2 * STORE]
    judge(page, bob[0], reviewer="Bob")
    assert (ask(page)["progress"]["looked_at"], ask(page)["progress"]["ahead"]) == (0, 1)
    for card in ann:
        judge(page, card)
    assert ask(page)["progress"]["looked_at"] == STORE + 1
    status, answer = page.post(
        "/api/decisions", reviewer="Ann", card=bob[1]["card"], rows=[{"id": bob[1]["id"], "decision": "keep"}]
    )
    assert (status, "was not handed out" in answer["error"]) == (409, True)


def test_the_last_rows_may_be_with_others(tmp_path: Path) -> None:
    folder = make_artifacts(tmp_path, CLASSES, 6, 1)
    add_plan(folder)
    with serve_review(folder) as page:
        last = [len(ask(page, reviewer)["cards"]) for reviewer in ("Ann", "Bob")]
        assert (last, ask(page, "Cid")["end"]["open"]) == ([STORE, 1], True)
        for reviewer, count in (("Ann", 5), ("Bob", 1)):
            look_at(page, count, reviewer=reviewer)
        answer = ask(page)
        # all was looked at, and nothing is wrong
        assert (answer["progress"]["most"], answer["progress"]["reached"], answer["end"]["open"]) == (0, True, False)


def test_two_pages_of_one_reviewer_share_their_rows(page: Page) -> None:
    one, other = ask(page)["cards"], ask(page)["cards"]
    assert one == other
    judge(page, one[0])
    held = [card["card"] for card in other]
    assert [card["card"] for card in ask(page, held=held)["cards"]][: STORE - 1] == held[1:]
    # while a verdict is on its way, its row is not handed out once more
    names = {card["card"] for card in ask(page, held=held[2:], judged=held[1:2])["cards"]}
    assert held[1] not in names


def test_a_killed_server_shows_the_same_again(folder: Path, plan: Plan) -> None:
    with serve_review(folder) as page:
        look_at(page, 12)
        before = ask(page)
        page.process.kill()
    with serve_review(folder) as again:
        after = ask(again)
    assert after["progress"] == before["progress"]
    assert [card["id"] for card in after["cards"]] == [card["id"] for card in before["cards"]]
    assert after["course"][-1] == before["course"][-1]


def test_some_rows_come_a_second_time_unmarked(page: Page, plan: Plan) -> None:
    cards = look_at(page, 120)
    ids = [card["id"] for card in cards]
    checks = read_checks(page)
    assert 2 <= len(checks) <= 12
    assert {line["kind"] for line in checks} == {AGAIN}
    for line in checks:
        first, second = (place for place, row_id in enumerate(ids) if row_id == line["id"])
        assert second - first > APART
        assert cards[second].keys() == cards[first].keys() == SAYS
        assert cards[second]["given_label"] == cards[first]["given_label"] == line["shown_label"]
    assert {line["of"] for line in checks} == {plan.order[:12]}
    assert len(read_decisions(page)) == 120 - len(checks)
    # a person who counts does not find out, until the end
    assert ask(page)["progress"]["looked_at"] == 120
    assert ask(page, goal=0.9)["progress"]["looked_at"] == 120 - len(checks)


def next_check(page: Page, count: int) -> Any:
    """Look at rows until a check comes, which is not judged."""
    for _ in range(100):
        card = ask(page)["cards"][0]
        decided = page.decisions.read_text()
        judge(page, card)
        if page.decisions.read_text() == decided:
            assert len(read_checks(page)) == count
            return card
    raise AssertionError("no check came")


def test_a_check_is_taken_back_like_any_verdict(page: Page) -> None:
    card = next_check(page, 1)
    decided = page.decisions.read_text()
    status, answer = page.post("/api/undo", reviewer="Ann")
    assert (status, answer["ids"], read_checks(page)) == (200, [card["id"]], [])
    assert page.decisions.read_text() == decided
    assert ask(page, held=[card["card"]])["cards"][0]["id"] == card["id"]
    judge(page, card, "unsure")
    assert [line["decision"] for line in read_checks(page)] == ["unsure"]
    # what was said before comes next
    judge(page, ask(page)["cards"][0])
    assert page.post("/api/undo", reviewer="Ann")[1]["ids"] != [card["id"]]
    assert page.post("/api/undo", reviewer="Ann")[1]["ids"] == [card["id"]]


def test_what_differs_the_second_time_is_looked_at_again(page: Page) -> None:
    card = next_check(page, 1)
    page.post("/api/undo", reviewer="Ann")
    judge(page, card, "remove")
    end = ask(page, goal=0.9)["end"]
    assert end["checks"]["again"] == 1
    assert end["checks"]["same"] == 0
    (again,) = end["again"]
    assert (again["id"], again["second"]) == (card["id"], {"decision": "remove", "label": ""})
    # the first word counts until somebody decides openly
    assert ask(page, goal=0.9)["progress"]["wrong"] == 0
    judge(page, again, "remove")
    answer = ask(page, goal=0.9)
    assert (answer["end"]["again"], answer["progress"]["wrong"]) == ([], 1)


def test_turned_labels_are_mixed_in_and_written_to_no_label(folder: Path, plan: Plan) -> None:
    given = dict(zip(plan.rows["id"], plan.rows["label"], strict=True))
    with serve_review(folder, "--known", "20%") as page:
        cards = look_at(page, 100)
        known = [line for line in read_checks(page) if line["kind"] == KNOWN]
        decided = read_decisions(page)
        end = ask(page, goal=0.9)["end"]["checks"]
    assert 8 <= len(known) <= 21
    assert all(line["shown_label"] != given[line["id"]] for line in known)
    assert all(line["given_label"] == given[line["id"]] for line in decided)
    assert len({line["id"] for line in known}) == len(known)
    assert {tuple(sorted(card)) for card in cards} == {tuple(sorted(SAYS))}
    assert end["known"] == [{"reviewer": "Ann", "known": len(known), "found": 0}]


def test_turned_labels_are_the_same_on_every_machine(tmp_path: Path) -> None:
    said = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        folder = make_artifacts(tmp_path / name, CLASSES, 300, 12)
        add_plan(folder)
        with serve_review(folder, "--known", "20%") as page:
            said.append([(card["id"], card["given_label"]) for card in look_at(page, 40)])
    assert said[0] == said[1]


def test_a_table_shows_no_opinion_either(folder: Path, plan: Plan) -> None:
    (folder / "data/digits/prepared/rows.csv").write_text(
        "age,job\n" + "".join(f"{row},clerk {row % 7}\n" for row in range(300))
    )
    (folder / "data/digits/prepared/kind.json").write_text('{"kind": "table"}')
    with serve_review(folder) as page:
        assert set(ask(page)["cards"][0]) <= SAYS | {"unusual"}


def test_of_other_data_or_without_a_plan_there_is_nothing_to_certify(folder: Path) -> None:
    done = run_review(folder, "digits", "--certify")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "nothing is planned; `python -m labels certify digits --goal 1%` makes a plan" in done.stderr
    add_plan(folder, data="of other data")
    assert "nothing is planned" in run_review(folder, "digits", "--certify").stderr
    with serve_review(folder) as page:
        assert page.read("/api/session")["certify"] is None
        assert page.post("/api/certify", reviewer="Ann", goal=0.01)[0] == 404


def test_a_plan_may_be_of_one_split(folder: Path) -> None:
    ids = folder / "data/digits/prepared/ids.csv"
    rows = read_table(ids)
    rows["split"] = ["test" if place % 3 else "train" for place in range(len(rows))]
    write_table(ids, rows)
    quality = read_quality(folder / "data/digits")
    tested = quality[rows["split"] == "test"]
    data = digest_data(tested["id"], tested["given_label"])
    add_plan(folder, split="test", labels=len(tested), data=data)
    with serve_review(folder) as page:
        assert page.read("/api/session")["certify"]["split"] == "test"
        assert ask(page)["progress"]["labels"] == 200
    add_plan(folder, split="train", labels=100, data=data)
    assert "nothing is planned" in run_review(folder, "digits", "--certify").stderr


@pytest.mark.parametrize("share", ["5", "five", "100%", "-1%", "nan%"])
def test_a_share_is_a_percentage(folder: Path, share: str) -> None:
    done = run_review(folder, "digits", "--known", share)
    assert done.returncode == 2
    assert "--known" in done.stderr


def test_a_plan_that_changes_while_the_page_is_open_is_said(page: Page, folder: Path) -> None:
    write_json(folder / "data/digits/certificate/plan.json", None)
    status, answer = page.post("/api/certify", reviewer="Ann", goal=0.01)
    assert (status, answer["error"]) == (
        409,
        "data/digits/certificate/plan.json has changed; start the review again",
    )


def test_a_row_is_lent_for_a_while() -> None:
    now = [0.0]
    dealer = Dealer(clock=lambda: now[0])
    rows = [Shown(DRAWN, str(place), "cat") for place in range(20)]

    def deal(reviewer: str) -> list[Card]:
        return dealer.deal(reviewer, [], rows, [], set())

    def ids(cards: list[Card]) -> list[str]:
        return [card.shown.id for card in cards]

    ann = deal("Ann")
    assert ids(deal("Bob")) == ["5", "6", "7", "8", "9"]
    now[0] = LENT_S - 1
    dealer.judge(ann[0])
    now[0] = LENT_S + 1
    # Ann is at work: but for the row that she has judged, hers stay hers
    assert ids(deal("Cid")) == ["0", "5", "6", "7", "8"]
    now[0] += LENT_S
    assert ids(deal("Dan")) == ["0", "1", "2", "3", "4"]


def test_between_two_checks_come_drawn_rows() -> None:
    dealer = Dealer()
    rows = [Shown(DRAWN, str(place), "cat") for place in range(100)]
    checks = [Shown(AGAIN, f"again {place}", "cat") for place in range(10)]
    kinds = []
    for _ in range(30):
        card = dealer.deal("Ann", [], rows, checks, set())[0]
        kinds.append(card.shown.kind)
        (rows if card.shown in rows else checks).remove(card.shown)
        dealer.judge(card)
    assert kinds == ([DRAWN] * BETWEEN + [AGAIN]) * 6


def list_lines(plan: Plan, seed: int) -> list[Decision]:
    """Return decisions of two people on a plan's rows, with undos, on some rows of both."""
    rng = random.Random(seed)
    lines = []
    for second, (row_id, label) in enumerate(zip(plan.rows["id"][:60], plan.rows["label"][:60], strict=True)):
        for reviewer in rng.choice((["Ann"], ["Bob"], ["Ann", "Bob"], [])):
            decision = rng.choice(["keep", "keep", "keep", "remove", "unsure", UNDO])
            time = f"2026-11-24T10:{second:02}:{rng.randrange(60):02}Z"
            lines.append(Decision(row_id, label, decision, "", reviewer, time))
    return lines


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), order=st.randoms(use_true_random=False))
def test_the_same_lines_in_any_order_show_the_same(seed: int, order: random.Random, shared_plan: Plan) -> None:
    lines = list_lines(shared_plan, seed)
    # a merge may keep a line twice
    shuffled = [*lines, *lines[:3]]
    order.shuffle(shuffled)
    step_by_step = Tracker(shared_plan)
    for count in range(0, len(shuffled), 7):
        step_by_step.track(find_standing(shuffled[:count]))
    one, other = Tracker(shared_plan).track(find_standing(lines)), step_by_step.track(find_standing(shuffled))
    assert (one.most, one.low, one.high, one.to_go, one.labels) == (
        other.most,
        other.low,
        other.high,
        other.to_go,
        other.labels,
    )
    assert one.verdicts.wrong.tolist() == other.verdicts.wrong.tolist()
    assert (one.verdicts.ahead, one.verdicts.reviewers) == (other.verdicts.ahead, other.verdicts.reviewers)


@pytest.fixture(scope="module")
def shared_plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return add_plan(make_artifacts(tmp_path_factory.mktemp("plan"), CLASSES, 300, 12))


def test_two_peoples_lines_merge_to_one_certificate(tmp_path: Path) -> None:
    lines, progress = [], []
    for name, reviewer in (("one", "Ann"), ("other", "Bob")):
        (tmp_path / name).mkdir()
        folder = make_artifacts(tmp_path / name, CLASSES, 300, 12)
        add_plan(folder)
        with serve_review(folder) as page:
            look_at(page, 10 if name == "one" else 14, reviewer=reviewer)
            lines.append(page.decisions.read_text().splitlines()[1:])
    for both in itertools.permutations(lines):
        (tmp_path / "one/data/digits/decisions.csv").write_text("\n".join([HEAD, *both[0], *both[1]]) + "\n")
        with serve_review(tmp_path / "one") as page:
            progress.append(ask(page)["progress"])
    assert progress[0] == progress[1]
    assert progress[0]["looked_at"] == 14
