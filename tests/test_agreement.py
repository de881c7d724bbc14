"""How far annotators agree: against references and simulated truths, in the report, on the page, and asked again."""

import importlib
import json
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from cleanlab.multiannotator import get_active_learning_scores
from sklearn.metrics import cohen_kappa_score

from labels.helping import score_rows, share_out
from stages.artifacts.annotations import OTHER, Annotations, read_annotations, read_consensus
from stages.artifacts.files import read_table
from stages.find_issues.worth import AGREED_SPREAD
from stages.report.agreement import measure_alpha, measure_kappa, measure_kappas
from stages.report.annotators import list_annotators, read_several
from stages.report.drift import find_drift, hear_others
from tests.annotators import CLASSES, RIGHT, run_stages, simulate
from tests.browser import expect, new_tab, open_review
from tests.conftest import Clone
from tests.review import serve_review
from tests.sources import run

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small table after all stages, for tests that only read."""
    folder = tmp_path_factory.mktemp("several")
    with pytest.MonkeyPatch.context() as patch:
        run_stages(folder, patch)
    return folder


# the four observers of twelve units in K. Krippendorff, Computing Krippendorff's alpha-reliability, 2011
OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def test_the_reference_gives_what_the_paper_does() -> None:
    wide = np.array([[float(sign) if sign != "." else np.nan for sign in line] for line in OBSERVERS]).T
    assert alpha_by_pairs(wide) == pytest.approx(0.743, abs=0.0005)


@pytest.mark.parametrize(
    ("n_classes", "right", "gaps"),
    [(2, [0.99, 0.97, 0.98], 0.0), (5, [0.9, 0.7, 0.5], 0.3), (10, [0.0, 0.0, 0.0], 0.2), (3, [1.0, 1.0], 0.0)],
)
def test_kappa_is_the_references_and_alpha_that_of_pairs(n_classes: int, right: list[Any], gaps: float) -> None:
    annotations, _ = simulate(np.random.default_rng(1), 400, n_classes, right, gaps)
    said = widen(annotations)
    wide = pd.DataFrame(said)
    for pair in measure_kappas(annotations, np.arange(len(right))).to_dict("records"):
        both = wide[[int(pair["first"][1:]), int(pair["second"][1:])]].dropna()
        assert pair["value"] == pytest.approx(cohen_kappa_score(both.iloc[:, 0], both.iloc[:, 1]))
        assert pair["rows"] == len(both)
        assert pair["low"] <= pair["value"] <= pair["high"]
    alpha = measure_alpha(annotations)
    assert alpha is not None
    assert alpha.value == pytest.approx(alpha_by_pairs(said))
    # that all agree on 400 rows does not show that all always will
    assert alpha.low < alpha.value
    assert alpha.high <= 1


def widen(annotations: Annotations) -> np.ndarray:
    """Return a matrix of rows and annotators, NaN where there are gaps."""
    wide = np.full((annotations.n_rows, len(annotations.names)), np.nan)
    wide[annotations.rows, annotations.annotators] = annotations.labels
    return wide


def alpha_by_pairs(wide: np.ndarray) -> float:
    """Return alpha by its table of coincidences, as its author builds it."""
    labels = np.unique(wide[~np.isnan(wide)])
    table = np.zeros((len(labels), len(labels)))
    for said in wide:
        given = np.searchsorted(labels, said[~np.isnan(said)])
        for one in range(len(given)):
            for other in set(range(len(given))) - {one}:
                table[given[one], given[other]] += 1 / (len(given) - 1)
    by_class, total = table.sum(axis=1), table.sum()
    observed, by_chance = total - np.trace(table), (total**2 - (by_class**2).sum()) / (total - 1)
    return float(1 - observed / by_chance)


@pytest.mark.parametrize("right", [[0.97, 0.95, 0.95], [0.6, 0.5, 0.4], [0.0] * 3], ids=["good", "weak", "random"])
def test_intervals_hold_the_truth_as_often_as_they_say(right: list[Any]) -> None:
    rng = np.random.default_rng(0)
    many, _ = simulate(rng, 50_000, 4, right, 0.2)
    truth, kappa = measure_alpha(many), measure_kappas(many, np.array([0, 1]))["value"][0]
    assert truth is not None
    held = np.zeros(2)
    for _ in range(200):
        few, _ = simulate(rng, 150, 4, right, 0.2)
        alpha, pair = measure_alpha(few), measure_kappas(few, np.array([0, 1])).iloc[0]
        assert alpha is not None
        held += [alpha.low <= truth.value <= alpha.high, pair["low"] <= kappa <= pair["high"]]
    # 95 % and what 200 draws leave open
    assert (held >= 181).all()


def test_nothing_is_said_of_too_little() -> None:
    few, _ = simulate(np.random.default_rng(0), 29, 3, [0.9, 0.9])
    assert measure_alpha(few) is None
    assert measure_kappas(few, np.arange(2)).empty
    same = np.zeros(100, dtype=int)
    assert measure_kappa(same, same) is None
    one = Annotations(np.arange(100), same, same, ["a"], 100)
    assert measure_alpha(one) is None
    assert find_drift(one, np.arange(100.0)).empty
    assert not (hear_others(one).labels >= 0).any()


def test_what_others_said_leaves_ones_own_label_out() -> None:
    said = [(0, 0, 1), (0, 1, 1), (0, 2, 2), (1, 0, 1), (1, 1, 2), (2, 0, 0), (3, 0, 1), (3, 1, OTHER), (3, 2, OTHER)]
    rows, annotators, labels = np.array(said).T
    others = hear_others(Annotations(rows, annotators, labels, ["a", "b", "c"], 4))
    # in the first row, the first two hear one label each of two kinds
    assert others.labels.tolist() == [-1, -1, 1, 2, 1, -1, 3, -1, -1]
    assert others.agree.tolist() == [False] * 9
    assert others.unanimous.tolist() == [False, False, True, True, True, False, True, False, False]


N_TIMES = 600
COURSE = np.arange(N_TIMES) / N_TIMES
# what changes, and who of three or more is right how often; whether the first one is to be found
COURSES: dict[str, tuple[list[Any], bool]] = {
    "nothing": ([0.9, 0.9, 0.9, 0.9], False),
    "nothing, all random": ([0.0, 0.0, 0.0], False),
    "rows get harder": ([0.95 - 0.4 * COURSE] * 4, False),
    "one tires": ([np.where(COURSE > 0.7, 0.4, 0.95), 0.9, 0.9, 0.9], True),
    "one learns": ([0.4 + 0.55 * COURSE, 0.9, 0.9], True),
}


@pytest.mark.parametrize("course", COURSES)
def test_a_change_is_told_and_noise_is_not(course: str) -> None:
    right, is_told = COURSES[course]
    told = []
    for seed in range(20):
        annotations, _ = simulate(np.random.default_rng(seed), N_TIMES, 4, right)
        drift = find_drift(annotations, annotations.rows.astype(float))
        told += [drift.loc[drift["changed"], "annotator"].tolist()]
    if is_told:
        assert sum("a0" in names for names in told) >= 18
    assert sum(bool({*names} - {"a0"} if is_told else names) for names in told) <= 3


def test_the_report_tells_of_annotators(made: Path) -> None:
    metrics = json.loads((made / "reports/toy/metrics.json").read_text())["annotators"]
    annotations = read_annotations(made / "data/toy")
    assert annotations
    assert metrics["annotators"] == len(RIGHT)
    assert metrics["annotations"] == len(annotations.rows)
    assert 0 < metrics["rows_that_differ"] < metrics["rows_with_several"] <= metrics["annotations"]
    assert metrics["alpha_low"] < metrics["alpha"] < metrics["alpha_high"]
    page = (made / "reports/toy/index.html").read_text()
    assert '<section id="annotators">' in page
    assert "dan &lt;b&gt;" in page
    assert "dan <b>" not in page
    assert "They agree, and the model does not" in page


def test_the_worst_come_first_with_what_they_mix_up(made: Path) -> None:
    several = read_several(made / "data/toy")
    assert several
    table = list_annotators(several, list(CLASSES))
    assert table["annotator"].iloc[0] == "dan <b>"
    (mixed,) = table.loc[table["annotator"] == "cid", "mixed"]
    assert (mixed[0]["said"], mixed[0]["instead"]) == ("ant", "bee")
    assert 5 <= mixed[0]["times"] < mixed[0]["of"]
    assert (table["low"] <= table["agree"]).all()
    few = several.consensus.annotators.assign(annotations=[5, 100, 100, 100, 100], quality=[0.1, 0.9, 0.9, 0.3, 0.9])
    several = replace(several, consensus=replace(several.consensus, annotators=few))
    order = list_annotators(several, list(CLASSES))["annotator"].tolist()
    assert (order[0], order[-1]) == ("dan <b>", "ann")


def test_the_worst_consensus_comes_first(made: Path) -> None:
    consensus = read_consensus(made / "data/toy")
    assert consensus
    quality = read_table(made / "data/toy/quality/label_quality.csv")
    assert quality["label_quality"].astype(float).to_numpy() == pytest.approx(consensus.rows["quality"], rel=1e-5)
    ranked = quality.assign(rank=quality["rank"].astype(int)).sort_values("rank")["label_quality"].astype(float)
    assert ranked.is_monotonic_increasing


def test_as_many_are_expected_as_annotators_and_model_doubt(made: Path) -> None:
    consensus = read_consensus(made / "data/toy")
    assert consensus
    quality = read_table(made / "data/toy/quality/label_quality.csv")
    expected = quality["prior_error_prob"].astype(float).sum()
    assert expected == pytest.approx(float(np.nansum(consensus.doubts)), rel=0.01)
    assert json.loads((made / "data/toy/quality/model.json").read_text())["spread"] == asdict(AGREED_SPREAD)


def test_data_with_one_label_a_row_has_none_of_it(shared_clone: Clone) -> None:
    assert not shared_clone.path("data/digits/consensus/doubts.npy").exists()
    assert "annotators" not in json.loads(shared_clone.path("reports/digits/metrics.json").read_text())
    assert 'id="annotators"' not in shared_clone.path("reports/digits/index.html").read_text()
    printed = shared_clone.labels("ask", "digits", code=2)
    assert "digits: has one label a row; `ask` is for several annotators" in printed


def test_many_annotators_leave_the_table_readable() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat(np.arange(4000), 3)
    annotators = np.concatenate([rng.choice(747, 3, replace=False) for _ in range(4000)])
    labels = np.where(rng.random(len(rows)) < 0.8, rows % 5, rng.integers(0, 5, len(rows)))
    order = np.lexsort((annotators, rows))
    annotations = Annotations(rows, annotators[order], labels[order], [f"w{k}" for k in range(747)], 4000)
    table = find_drift(annotations, rows.astype(float))
    assert measure_alpha(annotations)
    # 16 labels each: of none is enough known
    assert table.empty
    assert measure_kappas(annotations, np.arange(10)).empty


def test_scores_are_cleanlabs_without_its_temperature(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    annotations, consensus = read_annotations(made / "data/toy"), read_consensus(made / "data/toy")
    assert annotations
    assert consensus
    probs = np.load(made / "data/toy/predictions/pred_probs.npy")
    monkeypatch.setattr("cleanlab.multiannotator.find_best_temp_scaler", lambda *_, **__: 1.0)
    theirs, _ = get_active_learning_scores(widen(annotations), probs.astype(float))
    # which breaks ties at random
    assert (np.abs(score_rows(annotations, consensus, probs) - theirs) < 1e-5).mean() > 0.97


def test_nobody_gets_a_row_again_and_all_get_as_many() -> None:
    annotations, _ = simulate(np.random.default_rng(3), 200, 3, [0.9] * 5, gaps=0.5)
    given = share_out(range(200), annotations, annotations.names, 100)
    said = set(zip(annotations.rows.tolist(), annotations.annotators.tolist(), strict=True))
    assert not {(row, int(name[1:])) for row, name in given.itertuples(index=False)} & said
    loads = given["annotator"].value_counts()
    assert loads.max() - loads.min() <= 2
    assert given["row"].is_monotonic_increasing
    assert set(share_out(range(200), annotations, ["new"], 7)["annotator"]) == {"new"}


def test_ask_writes_rows_and_tasks_that_sway_nobody(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(made, monkeypatch, "--count", "30", "--folder", str(tmp_path / "out")) == 0
    assert "30 rows to ask again" in capsys.readouterr().out
    rows = read_table(tmp_path / "out/rows.csv")
    assert rows["score"].astype(float).is_monotonic_increasing
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == ["ann.json", "bob.json", "cid.json", "dan _b_.json", "eve.json", "label-studio.xml", "rows.csv"]
    tasks = json.loads((tmp_path / "out/dan _b_.json").read_text())
    assert [task["data"]["row_id"] for task in tasks] == rows.loc[rows["annotator"] == "dan <b>", "id"].tolist()
    assert all({*task} == {"data"} for task in tasks)
    assert all({*task["data"]} == {"table", "dataset", "row_id", "annotator"} for task in tasks)
    assert command(made, monkeypatch, "--folder", str(tmp_path / "out")) == 2
    assert "nothing is ever overwritten" in capsys.readouterr().err
    assert command(made, monkeypatch, "--count", "0", "--folder", str(tmp_path / "new")) == 2
    assert not (tmp_path / "new").exists()


def test_answers_come_back_into_the_file_of_annotations(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(made, tmp_path / "work")
    file = tmp_path / "work/annotations.csv"
    assert command(tmp_path / "work", monkeypatch, "--count", "10") == 0
    tasks = json.loads((tmp_path / "work/ask-toy/ann.json").read_text())
    exported = tmp_path / "project.json"
    exported.write_text(json.dumps([answer(task, "bee") for task in tasks]))
    before = file.read_text()
    for added, there in ((len(tasks), 0), (0, len(tasks))):
        assert command(tmp_path / "work", monkeypatch, "--answers", str(exported)) == 0
        printed = capsys.readouterr().out
        assert f"{added} annotations added to annotations.csv; {there} were there already" in printed
    lines = file.read_text().removeprefix(before).splitlines()
    assert lines == [f"{task['data']['row_id']},ann,bee,2026-11-25T10:00:00Z" for task in tasks]
    for told in (answer(tasks[0], "wasp"), answer({"data": {"row_id": "r9999"}}, "bee"), {"id": 1}):
        kept = file.read_bytes()
        exported.write_text(json.dumps([told]))
        assert command(tmp_path / "work", monkeypatch, "--answers", str(exported)) == 2
        assert capsys.readouterr().err.count("\n") == 1
        assert file.read_bytes() == kept
    monkeypatch.chdir(tmp_path / "work")
    exported.write_text(json.dumps([answer(task, "bee") for task in tasks]))
    for stage in ("fetch", "preprocess"):
        assert run(tmp_path / "work", stage, monkeypatch) == 0


def answer(task: dict[str, Any], label: str) -> dict[str, Any]:
    """Return a task as Label Studio exports it, with an answer."""
    result = [{"from_name": "label", "to_name": "table", "type": "choices", "value": {"choices": [label]}}]
    given = {"id": 1, "completed_by": 7, "result": result, "updated_at": "2026-11-25T10:00:00Z"}
    return task | {"id": 3, "annotations": [given]}


def command(folder: Path, patch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `python -m labels ask toy` in this process, and return the exit code."""
    patch.chdir(folder)
    patch.setattr(sys, "argv", ["labels", "ask", "toy", *arguments])
    with pytest.raises(SystemExit) as left:
        importlib.import_module("labels.__main__").main()
    return int(left.value.code or 0)


def test_from_who_said_what_to_a_clean_label(
    browser: "Browser", made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "work"
    shutil.copytree(made, folder)
    with serve_review(folder, dataset="toy") as page:
        tab = new_tab(browser)
        open_review(tab, page.url)
        row = page.read("/api/session")["rows"][0]
        said = page.read(f"/api/rows/{row['row']}")["annotators"]
        expect(tab.locator("#annotators tbody tr")).to_have_count(len(said))
        expect(tab.locator("#annotators tbody tr").first).to_contain_text(said[0]["annotator"])
        expect(tab.locator("#annotators > p")).to_contain_text(f"{len(said)} annotator")
        assert fits(tab)
        # blind, nobody sways
        tab.keyboard.press("b")
        expect(tab.locator("#annotators")).to_have_count(0)
        tab.keyboard.press("b")
        expect(tab.locator("#annotators tbody tr")).to_have_count(len(said))
        tab.set_viewport_size({"width": 390, "height": 844})
        assert fits(tab)
        tab.keyboard.press("x")
        tab.locator("#progress-text", has_text="1 of").wait_for()
        assert tab.complaints == []
    for stage in ("clean", "certify", "report"):
        assert run(folder, stage, monkeypatch) == 0
    cleaned = read_table(folder / "data/toy/cleaned/labels.csv").set_index("id").loc[row["id"]]
    assert (cleaned["status"], cleaned["decided_by"]) == ("removed", "people")
    for width in (1280, 390):
        tab = new_tab(browser, viewport={"width": width, "height": 800})
        tab.goto((folder / "reports/toy/index.html").as_uri())
        expect(tab.locator("#annotators h2")).to_have_text("Annotators")
        assert fits(tab)


def fits(tab: Any) -> bool:
    """Say whether the page is no wider than the window."""
    return bool(tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
