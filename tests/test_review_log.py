"""What the server keeps of the decisions is what the file says, and one more decision costs what it changes."""

import threading
from pathlib import Path

import numpy as np
import pytest

from review import log as log_module
from review.appending import append
from review.log import Log
from stages.artifacts.decisions import UNDO, Decision, parse_decisions
from stages.artifacts.fitting import Rows
from stages.artifacts.standing import SAID, fill_times, find_standing, find_untaken, time_of
from tests.review import HEAD, make_artifacts, serve_review

IDS = [f"row-{row}" for row in range(8)]
PEOPLE = ["Ann", "Bob", "Cyd"]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "data/digits/decisions.csv"
    path.parent.mkdir(parents=True)
    path.write_text(f"{HEAD}\n")
    return Log(path, Rows(dict.fromkeys(IDS, "a"), {}))


def said(row_id: str, decision: str = "keep", reviewer: str = "Ann", time: str = "", settles: str = "") -> Decision:
    return Decision(row_id, "a", decision, "b" if decision == "relabel" else "", reviewer, time, settles=settles)


def last_by_the_file(path: Path, reviewer: str) -> set[str]:
    """Return the ids of the reviewer's last action, from all lines."""
    untaken = find_untaken(fill_times(parse_decisions(path))).values()
    left = [each for same in untaken for each in same if each.reviewer == reviewer]
    last = max(map(time_of, left), default=None)
    return {each.id for each in left if time_of(each) == last}


def to_said(standing: dict[str, list[Decision]]) -> dict[str, list[object]]:
    """Leave out the lines of the file."""
    return {row_id: [SAID(each) for each in same] for row_id, same in standing.items()}


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_is_what_the_file_says(log: Log, seed: int) -> None:
    rng, told = np.random.default_rng(seed), log.since("")
    known = dict(told.standing)
    for step in range(60):
        reviewer, ids = (
            str(rng.choice(PEOPLE)),
            [str(each) for each in rng.choice(IDS, rng.integers(1, 4), replace=False)],
        )
        kind = rng.choice(["keep", "remove", "relabel", "unsure", "undo", "settle", "elsewhere", "untimed", "moved"])
        if kind == "undo":
            log.add([said(each.id, UNDO, reviewer) for each in log.last_action(reviewer)] or [said(ids[0])])
        elif kind == "elsewhere":
            # of another server, whose clock is behind
            append(
                log.path, [said(row_id, "remove", reviewer, f"2026-01-{1 + step % 28:02}T00:00:00Z") for row_id in ids]
            )
        elif kind == "untimed":
            append(log.path, [said(row_id, "keep", reviewer) for row_id in ids])
        elif kind == "moved":
            head, *lines = log.path.read_text().splitlines()
            log.path.write_text("\n".join([head, *rng.permutation(lines)]) + "\n")
        else:
            settles = "Ann; Bob" if kind == "settle" else ""
            log.add([said(row_id, "keep" if settles else str(kind), reviewer, settles=settles) for row_id in ids])
        expected = find_standing(fill_times(parse_decisions(log.path)))
        assert to_said(log.refresh()) == to_said(expected)
        for name in PEOPLE:
            assert {each.id for each in log.last_action(name)} == last_by_the_file(log.path, name)
        told = log.since(told.version)
        known |= told.standing
        assert to_said({row_id: same for row_id, same in known.items() if same}) == to_said(log.refresh())
    fresh = Log(log.path, log.rows)
    assert to_said(fresh.refresh()) == to_said(log.refresh())
    assert fresh.count_agreed() == log.count_agreed()


def test_only_what_is_new_is_read(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"row-{row},a,keep,,Ann,2026-11-24T10:{row // 60:02}:{row % 60:02}Z" for row in range(3000)]
    log.path.write_text("\n".join([HEAD, *lines]) + "\n")
    log.refresh()
    read: list[int] = []

    def count(path: Path, content: bytes | None = None) -> list[Decision]:
        decisions = parse_decisions(path, content)
        read.append(len(decisions))
        return decisions

    monkeypatch.setattr(log_module, "parse_decisions", count)
    version = log.since("").version
    for _ in range(20):
        log.add([said("row-1", "remove")])
        log.add([said(each.id, UNDO) for each in log.last_action("Ann")])
    assert read == []
    append(log.path, [said("row-2", "remove", "Bob")])
    assert {*log.since(version).standing} == {"row-1", "row-2"}
    assert read == [1]
    assert log.since(log.version).standing == {}


def test_a_page_is_told_what_changed_and_what_others_said_meanwhile(tmp_path: Path) -> None:
    with serve_review(make_artifacts(tmp_path, ["a", "b", "c"], 3000, 5)) as page:
        version = page.read("/api/session")["version"]
        rows = [{"id": f"row-{row}", "decision": "remove"} for row in range(3000)]
        assert page.post("/api/decisions", reviewer="Ann", rows=rows)[0] == 200
        assert len(page.read(f"/api/decisions?known={version}")["changed"]) == 3000
        version = page.read("/api/decisions")["version"]
        page.decide("row-1", "keep", reviewer="Bob")
        answer = page.decide("row-2", "keep", reviewer="Cyd")
        assert (answer["ids"], answer["before"] == version) == (["row-2"], False)
        changed = page.read(f"/api/decisions?known={version}")
        assert changed["changed"].keys() == {"row-1", "row-2"}
        assert changed["version"] == answer["version"]
        # another server's, or none of any
        for unknown in ("", "x", "x-1", f"{version}-1", version.replace("-", "-x")):
            assert len(page.read(f"/api/decisions?known={unknown}")["standing"]) == 3000


def test_reviewers_at_once_are_each_told_all(tmp_path: Path) -> None:
    with serve_review(make_artifacts(tmp_path, ["a", "b", "c"], 200, 5)) as page:
        start = page.read("/api/session")["version"]
        versions: dict[str, str] = dict.fromkeys("abcd", start)
        seen: dict[str, set[str]] = {name: set() for name in versions}

        def work(reviewer: str, rows: range) -> None:
            for row in rows:
                answer = page.decide(f"row-{row}", "keep", reviewer=reviewer)
                seen[reviewer] |= answer["changed"].keys()
                # as model.js does
                if answer["before"] == versions[reviewer]:
                    versions[reviewer] = answer["version"]

        threads = [
            threading.Thread(target=work, args=(name, range(50 * place, 50 * place + 50)))
            for place, name in enumerate(versions)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        for name, version in versions.items():
            seen[name] |= page.read(f"/api/decisions?known={version}")["changed"].keys()
            assert len(seen[name]) == 200
