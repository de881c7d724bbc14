"""The report shows what the artifacts say, needs no other file, and treats every name as data."""

import html.parser
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from stages.artifacts.files import write_json
from stages.artifacts.pictures import data_uri, to_png
from stages.artifacts.remarks import Remark, write_remarks
from stages.report import sections
from stages.report.__main__ import main
from stages.report.numbers import count
from stages.report.sections.classes import draw_classes
from stages.report.sections.map import choose_colours
from tests.conftest import ROOT, Clone
from tests.kinds import CLASSES, make_kind, write_rows
from tests.review import write_trust

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


class Page(html.parser.HTMLParser):
    """A page's text, its pictures' alternative texts, and every address it refers to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.words: list[str] = []
        self.pictures: list[str] = []
        self.addresses: list[str] = []
        self.open_tags: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open_tags.append(tag)
        values = dict(attrs)
        self.addresses += [values[name] or "" for name in ("src", "href", "srcset") if name in values]
        if tag == "img":
            self.pictures.append(values["alt"] or "")

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    @property
    def text(self) -> str:
        return " ".join(self.words)


def test_the_page_shows_the_headline_numbers_and_the_worst_rows(shared_clone: Clone) -> None:
    metrics = json.loads(shared_clone.path("reports/digits/metrics.json").read_text())
    issues = pd.read_csv(shared_clone.path("data/digits/issues.csv"), dtype=str)
    page = Page(shared_clone.path("reports/digits/index.html"))
    assert list(metrics) == [
        "rows", "classes", "accuracy", "model_verdict", "flagged", "flag_steadiness", "estimated_noise_rate",
        "expected_errors", "expected_errors_low", "expected_errors_high", "expected_in_flagged", "decided_by_people",
        "kept", "relabelled", "removed", "duplicates", "conflicting_duplicates", "outliers", "bad_pictures",
        "picture_quality", "left_out", "measures",
    ]  # fmt: skip
    assert (metrics["rows"], metrics["classes"], metrics["flagged"]) == (1797, 10, 18)
    assert metrics["kept"] + metrics["relabelled"] + metrics["removed"] == 1797
    assert f"Rows 1,797 Classes 10 Accuracy, out of sample {100 * metrics['accuracy']:.2f} %" in page.text
    assert "Flagged 18 1.00 % of the rows" in page.text
    # no sure disagreement, so that next to nothing is known of the few errors there may be
    assert metrics["expected_in_flagged"] < metrics["expected_errors"] < 0.025 * 1797
    assert metrics["expected_errors_low"] < 1
    errors, low, high = (count(metrics[f"expected_errors{part}"]) for part in ("", "_low", "_high"))
    assert f"All 1,797 rows are expected to hold {errors} errors (between {low} and {high})." in page.text
    for row in issues[issues["flagged"] == "yes"].to_dict("records"):
        assert f"picture of id {row['id']}, given as {row['given_label']}" in page.pictures
        arrow = f" → {row['suggested_label']}" if row["suggested_label"] != row["given_label"] else ""
        assert f"{row['given_label']}{arrow} id {row['id']} quality" in page.text


def test_the_page_needs_no_other_file(shared_clone: Clone) -> None:
    page = Page(shared_clone.path("reports/digits/index.html"))
    addresses = {address.split(",")[0].split("#")[0] for address in page.addresses}
    assert addresses == {"", "data:image/png;base64"}
    assert "url(" not in shared_clone.path("reports/digits/index.html").read_text()
    assert not {"script", "iframe", "object"} & set(page.open_tags)


def test_every_figure_is_there_as_png_and_on_the_page(shared_clone: Clone) -> None:
    figures = sorted(path.name for path in shared_clone.path("reports/digits/figures").iterdir())
    assert figures == [
        "classes.png", "curves.png", "map.png", "pairs.png", "reliability.png", "scores.png", "worst.png", "yield.png",
    ]  # fmt: skip
    for name in figures:
        picture = Image.open(shared_clone.path(f"reports/digits/figures/{name}"))
        assert min(picture.size) > 300
        assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 10


@pytest.mark.parametrize("n_classes", [2, 10, 20, 77])
def test_each_class_has_a_colour_on_the_map(n_classes: int) -> None:
    assert len(set(choose_colours(n_classes))) == n_classes


def test_dvc_draws_the_tables(shared_clone: Clone, tmp_path: Path) -> None:
    confusion = pd.read_csv(shared_clone.path("reports/digits/plots/confusion.csv"))
    curves = pd.read_csv(shared_clone.path("reports/digits/plots/curves.csv"))
    assert len(confusion) == 1797
    assert list(curves["epoch"]) == list(range(1, len(curves) + 1))
    shared_clone.run("dvc", "plots", "show", "--out", str(tmp_path))
    page = (tmp_path / "index.html").read_text()
    assert page.count('"$schema"') == 2


def test_named_examples_are_shown_with_three_classes_and_decided_rows_are_marked(clone: Clone) -> None:
    worst = pd.read_csv(clone.path("data/digits/issues.csv"), dtype=str).iloc[0]
    with clone.path("data/digits/decisions.csv").open("a") as file:
        file.write(f"{worst['id']},{worst['given_label']},keep,,reviewer-a,,\n")
    clone.set_param("report", "examples", [7, "1796", worst["id"]])
    clone.stage("clean")
    clone.stage("certify")
    printed = clone.stage("report")
    flagged = json.loads(clone.path("reports/digits/metrics.json").read_text())["flagged"]
    assert f"index.html; then decide on {flagged - 1} flagged rows: python -m review digits" in printed
    page = Page(clone.path("reports/digits/index.html"))
    shown = re.findall(
        r"id (\w+), given \w rank [\d,]+ of 1,797, quality [\d.e-]+ "
        r"(?:flagged )?(?:kept by reviewer-a )?((?:\d [\d.]+ % ?){3})",
        page.text,
    )
    assert [row_id for row_id, _ in shown] == ["7", "1796", worst["id"]]
    assert page.text.count("kept by reviewer-a") == 2
    assert "Changed by cleaning 0 people decided on 1 row" in page.text


def test_an_unknown_example_is_named_and_nothing_is_touched(clone: Clone) -> None:
    before = clone.path("reports/digits/index.html").read_bytes()
    clone.set_param("report", "examples", [0, 1797, "x"])
    message = "report.examples: no row has the id '1797', 'x'; ids look like '0' and '1796'"
    for printed in (clone.stage("report", code=2), clone.repro(code=255)):
        assert message in printed
        assert "Traceback" not in printed
        assert clone.path("reports/digits/index.html").read_bytes() == before


@pytest.fixture(scope="module", params=["text", "table"])
def _reported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    folder = Clone(make_kind(tmp_path_factory.mktemp(request.param), request.param))
    for stage in ("find_issues", "clean", "certify", "report"):
        folder.stage(stage, PYTHONPATH=str(ROOT))
    return folder


@pytest.fixture
def reported(_reported: Clone, tmp_path: Path) -> Clone:
    """A folder with the report of texts, or of a table, for one test alone."""
    return _reported.copy_to(tmp_path / "reported")


def test_texts_and_tables_are_shown_as_such(reported: Clone) -> None:
    page = Page(reported.path("reports/digits/index.html"))
    assert not {"script", "b"} & set(page.open_tags)
    assert '<script>alert("x")</script>, "quoted" and a second line' in page.text
    assert "خطاب" in page.text
    assert f"{CLASSES[0]} → {CLASSES[2]}" in page.text
    source = reported.path("reports/digits/index.html").read_text()
    assert len(source) < 3_000_000
    if "… 2 more" in page.text:
        assert page.text.count("2010 ") == page.text.count("column 8 ") > 0
    else:
        assert source.count('<details class="text">') == 2
    figures = sorted(path.name for path in reported.path("reports/digits/figures").iterdir())
    assert figures == ["classes.png", "pairs.png", "reliability.png", "scores.png", "yield.png"]


def test_duplicates_outliers_and_rows_left_out_are_shown(reported: Clone) -> None:
    page = Page(reported.path("reports/digits/index.html"))
    assert "Sets of duplicates 2 1 with different labels Outliers 2 Left out 1" in page.text
    assert "Labels differ: one of them must be wrong. 2 rows, exactly the same." in page.text
    assert page.text.index("exactly the same") < page.text.index("2 rows, nearly the same.")
    for row_id, score in (("row-6", "0.013"), ("row-9", "0.013"), ("row-1", "0.037"), ("row-30", "0.048")):
        assert f"id {row_id} score {score}" in page.text
    assert "1 empty. These rows of the source are not in the data set" in page.text
    assert "<i>row-99</i> dog empty" in page.text
    metrics = json.loads(reported.path("reports/digits/metrics.json").read_text())
    assert [metrics[name] for name in ("duplicates", "conflicting_duplicates", "outliers", "left_out")] == [2, 1, 2, 1]


def test_bad_pictures_and_what_was_remarked_of_columns_are_shown(reported: Clone) -> None:
    page = reported.path("reports/digits/index.html")
    before = Page(page).text
    assert "Picture quality" not in before
    assert "Look at the data first" not in before
    is_table = json.loads(reported.path("data/digits/prepared/kind.json").read_text()) == "table"
    assert ("2010 left out column 0 numeric 0 0 to 59 column 1 numeric 0 0.1 to 59.1" in before) == is_table
    found = [("row-7", CLASSES[1], "blurred", "0.1"), ("row-8", CLASSES[2], "dark", "0.2")]
    found += [(f"row-{row}", CLASSES[row % 3], "blurred", "0.5") for row in (9, *range(20, 40))]
    write_rows(reported.path("data/digits/examples/picture_quality.csv"), "id,given_label,kind,score", found)
    remarks = [
        Remark("column 0", "<i>59</i> of 60 cells are numbers; not: 'forty'"),
        Remark(None, 'classes: "a", "a "'),
    ]
    write_remarks(reported.path("data/digits/prepared"), remarks)
    reported.stage("report", PYTHONPATH=str(ROOT))
    text = Page(page).text
    assert "Bad pictures 23" in text
    assert "Blurred : 22 pictures; even their sharpest edges are soft. The worst 12 are shown." in text
    assert "Dark : 1 picture; hardly anything in them is brighter than a dark grey." in text
    assert "id row-7 score 0.1" in text
    assert "data/digits/examples/picture_quality.csv" in text
    metrics = json.loads(reported.path("reports/digits/metrics.json").read_text())
    assert (metrics["bad_pictures"], metrics["picture_quality"]) == (23, {"blurred": 22, "dark": 1})
    assert f"column 0 : {remarks[0].text} {remarks[1].text}" in text
    assert text.index("Look at the data first") < text.index("The worst labels Given label")
    assert (f"0 to 59 {remarks[0].text} column 1" in text) == is_table


def test_long_lists_are_cut_and_a_decision_is_marked(reported: Clone) -> None:
    reported.set_param("report", "top", 1)
    with reported.path("data/digits/decisions.csv").open("a") as file:
        file.write(f"row-4,{CLASSES[2]},keep,,ann,,\n")
    for stage in ("clean", "certify", "report"):
        reported.stage(stage, PYTHONPATH=str(ROOT))
    page = Page(reported.path("reports/digits/index.html"))
    assert "The other 1 sets are in data/digits/examples/duplicates.csv" in page.text
    assert "The other 1 outliers are in data/digits/examples/outliers.csv" in page.text
    assert "id row-4 kept by ann" in page.text


SHOWN_BY_VERDICT: list[tuple[str, list[str], list[str]]] = [
    (
        "good",
        ["The model is good on these data. The errors that it expects can be believed", "Errors expected in all rows",
         "The worst labels Given label", "errors expected Errors", "between 1 and 12", "error: ", "Reviewing the worst",
         "Next in rank, not flagged", "the model alone expected", "By the probability that the label is wrong"],
        ["What would help", "look at first", "Errors expected 1 to", "Model disagrees"],
    ),
    (
        "weak",
        ["The model is weak on these data: it says where to look first, not what is wrong. Decide on the rows of the "
         "review's tab Spread first: until then nobody knows how many errors there are, and the band begins at none. "
         "Rules change nothing.",
         "Why: It is right on 64 % of the rows. What would help: Raise max_epochs .", "Errors expected 1 to ",
         "Rows to look at first Given label", "rank 1", "Next in rank",
         "Of the 1 row to look at first, between none and 1 are errors; of all 60 rows, between 1 and 12.",
         "the model alone expected", "Model disagrees: wrong or hard",
         "so a low quality may only mean that it cannot tell this class from others"],
        ["error: ", "Errors expected in all", "lagged", "Reviewing the worst", "Estimated wrong", "are allowed for"],
    ),
    (
        "worthless",
        ["The model is worthless on these data: its ranking is no better than chance. No errors are expected",
         "Nothing: this model ranks rows no better than chance", "decide on the rows of the tab Spread",
         "In all they decided on 1 row, and changed or removed 1 of the given labels"],
        ["error: ", "oise rate", "Errors expected", "expected to find", "the model alone expected", "Next in rank",
         "Label quality by class", "Which classes are mixed up", "if label errors are allowed for"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "said", "unsaid"), SHOWN_BY_VERDICT)
def test_the_page_says_no_more_than_the_model_may(
    reported: Clone, verdict: str, said: list[str], unsaid: list[str]
) -> None:
    data = reported.path("data/digits")
    write_trust(data, verdict)
    with (data / "decisions.csv").open("a") as file:
        file.write(f"row-0,{CLASSES[1]},remove,,ann,,\n")
    (data / "quality/yield.csv").write_text("rows,expected,low,high\n5,4,1,5\n60,6,1,12\n")
    for stage in ("clean", "certify", "report"):
        reported.stage(stage, PYTHONPATH=str(ROOT))
    text = Page(reported.path("reports/digits/index.html")).text
    assert [each for each in said if each not in text] == []
    assert [each for each in unsaid if each in text] == []
    metrics = json.loads(reported.path("reports/digits/metrics.json").read_text())
    assert (metrics["model_verdict"], metrics["measures"]) == (verdict, {"accuracy_low": 0.61})
    estimates = {"estimated_noise_rate", "expected_errors", "expected_errors_low", "expected_in_flagged"}
    assert estimates & set(metrics) == (set() if verdict == "worthless" else estimates)
    assert reported.path("reports/digits/figures/yield.png").exists() == (verdict != "worthless")


def test_what_is_said_of_the_model_is_read_whole_or_not_at_all(reported: Clone) -> None:
    path = reported.path("data/digits/quality/model.json")
    for broken, message in (('{"verdict": "fine"}', "verdict must be"), ('{"verdict": "weak"}', "damaged (KeyError(")):
        path.write_text(broken)
        printed = reported.stage("report", code=2, PYTHONPATH=str(ROOT))
        assert f"quality/model.json: {message}" in printed
        assert printed.count("\n") == 1


def test_what_was_not_compared_is_said(reported: Clone) -> None:
    found = reported.path("data/digits/examples")
    write_json(found / "examples.json", {"compared": False, "rows": 60, "reason": "60 rows are too many"})
    for name in ("duplicates", "outliers"):
        lines = (found / f"{name}.csv").read_text().splitlines()
        (found / f"{name}.csv").write_text(f"{lines[0]}\n")
    reported.stage("report", PYTHONPATH=str(ROOT))
    page = Page(reported.path("reports/digits/index.html"))
    assert "only exact duplicates are known, and no outliers: 60 rows are too many." in page.text
    assert "No row is there twice." in page.text


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda data: (data / "prepared/rows.csv").unlink(), "prepared: holds nothing to look at"),
        (lambda data: (data / "prepared/rows.csv").write_text("text\na\n"), "holds 1 rows where there should be 60"),
        (
            lambda data: (data / "examples/outliers.csv").write_text("id,given_label,score\nx,dog,0.1\n"),
            "outliers.csv: is not of the same run as prepared/",
        ),
    ],
)
def test_what_does_not_fit_together_is_one_line(
    reported: Clone, break_it: Callable[[Path], object], message: str
) -> None:
    break_it(reported.path("data/digits"))
    printed = reported.stage("report", code=2, PYTHONPATH=str(ROOT))
    assert message in printed
    assert printed.count("\n") == 1


TOY = """
from matplotlib.figure import Figure

ORDER = 35
TITLE = "Toy & more"
FIGURES = {"toy": lambda results: Figure((3, 2)), "none": lambda results: None}


def describe(results, metrics, settings):
    return {"n_rows": len(results.rows)} if settings.top > 1 else None
"""
TOY_TEMPLATE = """
{% from "cards.html.jinja" import figure with context %}
<h2>A toy</h2>
{{ figure("toy", "a toy figure", 300) }}
<p>{{ n_rows }} rows, {{ (30 / n_rows)|percent(1) }}</p>
"""


def test_a_section_is_one_module_and_one_template(
    reported: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "toy_part.py").write_text(TOY)
    (folder / "toy_part.html.jinja").write_text(TOY_TEMPLATE)
    monkeypatch.setattr(sections, "__path__", [*sections.__path__, str(folder)])
    monkeypatch.chdir(reported.folder)
    main("digits")
    page = Page(Path("reports/digits/index.html"))
    assert "What to expect Toy & more Audit" in page.text
    assert page.addresses.index("#expected") < page.addresses.index("#toy-part") < page.addresses.index("#audit")
    assert "A toy 60 rows, 50.0 %" in page.text
    assert page.text.index("What to expect of a review") < page.text.index("A toy") < page.text.index("How well errors")
    assert "a toy figure" in page.pictures
    assert Path("reports/digits/figures/toy.png").exists()
    assert not Path("reports/digits/figures/none.png").exists()
    reported.set_param("report", "top", 1)
    main("digits")
    assert "oy" not in Page(Path("reports/digits/index.html")).text
    assert not Path("reports/digits/figures/toy.png").exists()


def test_each_figure_is_drawn_once_and_with_the_same_bytes(reported: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(reported.folder)
    figures = Path("reports/digits/figures")
    before = {path.name: path.read_bytes() for path in figures.iterdir()}
    main("digits")
    assert {path.name: path.read_bytes() for path in figures.iterdir()} == before
    source = Path("reports/digits/index.html").read_text()
    assert [source.count(data_uri(png)) for png in before.values()] == [1] * len(before)


def test_names_that_are_cut_alike_stay_apart() -> None:
    names = [f"a long name that begins alike, {k}, and ends alike too" for k in range(30)]
    table = pd.DataFrame({"class": names, "rows": 1, "label_quality": np.linspace(0.5, 1, 30)})
    results: Any = SimpleNamespace(by_class=table)
    axes = draw_classes(results).axes[0]
    assert len(axes.get_yticks()) == 25


def test_names_are_data(clone: Clone) -> None:
    name = '<script>alert("a,b")</script> $x^2$ Ünï'
    folder = clone.path("data/digits")
    classes = json.loads((folder / "prepared/classes.json").read_text())
    (folder / "prepared/classes.json").unlink()
    (folder / "prepared/classes.json").write_text(json.dumps([name if label == "5" else label for label in classes]))
    for stage in ("find_issues", "clean", "certify", "report"):
        clone.stage(stage)
    page = Page(folder.parent.parent / "reports/digits/index.html")
    assert "script" not in page.open_tags
    assert name in page.text
    assert pd.read_csv(folder / "issues.csv", dtype=str)["given_label"].str.contains(name, regex=False).any()


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "L"), (3, "RGB"), (5, "L")])
def test_pictures_keep_their_pixels(channels: int, mode: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (channels, 5, 7), dtype=np.uint8)
    picture = Image.open(BytesIO(to_png(pixels)))
    assert (picture.mode, picture.size) == (mode, (7, 5))
    np.testing.assert_array_equal(np.asarray(picture), pixels.transpose(1, 2, 0) if mode == "RGB" else pixels[0])


def test_cheap_stages_start_without_the_heavy_packages() -> None:
    code = "import sys\nfor stage in sys.argv[1:]: __import__(f'stages.{stage}.__main__'); print(stage, *sys.modules)"
    stages = ["fetch", "preprocess", "clean", "report"]
    done = subprocess.run([sys.executable, "-c", code, *stages], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {line.split()[0]: set(line.split()[1:]) for line in done.stdout.splitlines()}
    assert list(loaded) == stages
    for stage, names in loaded.items():
        assert not {"torch", "skorch", "cleanlab"} & names, stage


def test_the_page_fits_the_window_and_is_readable(browser: "Browser", shared_clone: Clone) -> None:
    cut = "[...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth).length"
    colours = "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    with browser.new_page() as page:
        page.goto(shared_clone.path("reports/digits/index.html").as_uri())
        for width, scheme in itertools.product((390, 1280), SCHEMES):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert page.evaluate(cut) == 0
            assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
            brightness = [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in page.evaluate(colours)]
            assert abs(brightness[0] - brightness[1]) > 400
            assert (brightness[0] > brightness[1]) == (scheme == "dark")
