"""`python -m dataset add` finds what is there, proposes a block that runs, and writes nothing where that is wrong."""

import builtins
import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from dataset import looks
from dataset.__main__ import main
from dataset.classes import name_classes
from dataset.source import FOR_FILES
from dataset.text import format_block
from stages.check.__main__ import check_block
from stages.command.modules import list_names, load
from stages.fetch import sources
from tests.conftest import ROOT
from tests.pages import find_block

Run = Callable[..., tuple[int, str, str]]
WORDS = [
    "the",
    "card",
    "that",
    "I",
    "have",
    "lost",
    "was",
    "charged",
    "twice",
    "and",
    "nobody",
    "can",
    "help",
    "me",
    "with",
    "it",
]
FILES = ("params.yaml", "dvc.yaml")


@pytest.fixture
def run(workplace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process, and return its exit code and what it printed."""
    shutil.copy(ROOT / "dvc.yaml", workplace)
    # whether or not they are here
    monkeypatch.setattr("dataset.pretrained.list_lacking", lambda prefix: ["timm"])

    def run_command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dataset", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        return int(str(caught.value.code)), *capsys.readouterr()

    return run_command


@pytest.fixture
def add(run: Run, workplace: Path) -> Callable[..., dict[str, Any]]:
    """Add a data set, and return its block."""

    def add_one(*arguments: str) -> dict[str, Any]:
        code, out, err = run("add", "pets", *arguments)
        assert (code, err) == (0, ""), err
        params = yaml.safe_load((workplace / "params.yaml").read_text())
        assert params["datasets"][-1] == "pets"
        assert yaml.safe_load((workplace / "dvc.yaml").read_text())["artifacts"]["pets-labels"]["type"] == "dataset"
        block: dict[str, Any] = params["pets"]
        assert check_block("pets", block)[1] == []
        assert "next: `dvc repro report@pets`" in out
        return block

    return add_one


def write_csv(path: Path, **columns: list[Any]) -> Path:
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def make_rows(n_rows: int = 60, **columns: list[Any]) -> dict[str, list[Any]]:
    return {"size": [row % 17 for row in range(n_rows)], "kind": ["cat", "dog", "owl"] * (n_rows // 3), **columns}


def write_pictures(
    folder: Path, names: Iterator[str] | list[str], size: tuple[int, int] = (12, 10), mode: str = "RGB"
) -> None:
    rng = np.random.default_rng(0)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
        Image.fromarray(pixels).convert(mode).save(folder / name)


def test_a_table_of_columns(add: Callable[..., dict[str, Any]], workplace: Path) -> None:
    columns = make_rows(
        customer_id=[row // 3 for row in range(60)],
        row_id=[f"r{row}" for row in range(60)],
        fold=["train", "test"] * 30,
        label=["ham", "spam"] * 30,
    )
    block = add(str(write_csv(workplace / "a.csv", **columns)))
    assert block == {
        "fetch": {
            "sources": [f"csv:{workplace}/a.csv"],
            "label": "label",
            "id": "row_id",
            "group": "customer_id",
            "split": "fold",
        },
        "find_issues": {"budget": "2%"},
    }


def test_texts_with_what_is_left_out(add: Callable[..., dict[str, Any]], workplace: Path) -> None:
    texts = [" ".join(np.random.default_rng(row).permutation(WORDS)) for row in range(60)]
    texts[3] = ""
    labels = ["a", "b"] * 28 + ["", "rare", "", "a"]
    block = add(str(write_csv(workplace / "a.csv", subject=WORDS * 3 + WORDS[:12], body=texts, category=labels)))
    assert block == {
        "fetch": {"sources": [f"csv:{workplace}/a.csv"], "label": "category"},
        "preprocess": {"text": "body", "unlabelled": "leave_out", "unreadable": "leave_out"},
        "split": {"rare_classes": "leave_out"},
        "find_issues": {"budget": "2%"},
    }


@pytest.mark.parametrize(
    ("counts", "most", "named"),
    [
        ({"1": 1700, "2": 300}, 12, "'1' 1,700 rows, '2' 300 rows"),
        ({"a b": 1, "c, 7": 2, "x\ny": 3}, 2, "'x\\ny' 3 rows, 'c, 7' 2 rows, and 1 more"),
        ({"one": 1}, 1, "'one' 1 row"),
    ],
)
def test_classes_do_not_read_as_counts(counts: dict[str, int], most: int, named: str) -> None:
    assert name_classes(Counter(counts), most) == named


def test_pictures_with_splits_that_are_small(
    run: Run, workplace: Path, add: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = workplace / "photos"
    names = [f"{split}/{kind}/{n}.png" for split in ("train", "test") for kind in ("cat", "Cat ") for n in range(6)]
    write_pictures(folder, names, mode="L")
    shutil.copy(folder / names[0], folder / "test/Cat /copy.png")
    (folder / "train/cat/broken.png").write_text("no picture")
    code, out, _ = run("add", "pets", "photos", "--dry-run")
    assert code == 0
    for said in (
        "26 pictures",
        "splits: test 13, train 13",
        "grey, 12×10 pixels",
        "1 file(s) cannot be read as pictures (train/cat/broken.png)",
        'classes that may be one, by their names: "cat" (13), "Cat " (13)',
        "2 pictures are the same file as another, 2 of them in more than one class",
        "dry run: nothing is written",
    ):
        assert said in out
    assert all((workplace / name).read_bytes() == (ROOT / name).read_bytes() for name in FILES)
    assert add("photos") == {
        "fetch": {"sources": ["images:photos"]},
        "preprocess": {"unreadable": "leave_out", "image_shape": [1, 10, 12]},
        "crossval_predict": {"max_epochs": 20},
        "find_issues": {"budget": "2%"},
    }


def test_photographs_that_differ_in_size(add: Callable[..., dict[str, Any]], workplace: Path) -> None:
    for number, kind in enumerate(["cat", "dog"]):
        write_pictures(workplace / "photos", [f"{kind}/{n}.jpg" for n in range(5)], size=(90 + number, 70))
    block = add("photos")
    assert block["preprocess"] == {"unreadable": "leave_out", "image_shape": [3, 64, 64], "fit": "crop"}


def test_a_pretrained_network_is_proposed_where_it_helps_and_is_installed(
    run: Run, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("cat", "dog"):
        write_pictures(workplace / "photos", [f"{kind}/{n}.jpg" for n in range(5)], size=(90, 70))
        write_pictures(workplace / "icons", [f"{kind}/{n}.png" for n in range(5)], size=(16, 16))
    texts = {"text": [" ".join(WORDS[row % 5 :]) + str(row) for row in range(20)], "label": ["a", "b"] * 10}
    write_csv(workplace / "english.csv", **texts)
    write_csv(
        workplace / "other.csv", **{**texts, "text": [f"das ist ein langer Satz ueber {row}" for row in range(20)]}
    )

    def propose(*arguments: str) -> dict[str, Any]:
        code, out, err = run("add", "pets", *arguments, "--dry-run")
        assert code == 0, err
        written = yaml.safe_load(out.partition("\n# ")[2].partition("\n")[2].partition("\ndry run")[0])
        block: dict[str, Any] = written["pets"]
        return block

    assert "embed" not in propose("photos")
    code, _, err = run("add", "pets", "photos", "--pretrained")
    assert (code, err.count("\n")) == (2, 1)
    assert "--pretrained: its packages are not installed; run `pip install -r requirements-embed.txt`" in err
    monkeypatch.setattr("dataset.pretrained.list_lacking", lambda prefix: [])
    photos = propose("photos")
    assert photos["embed"]["source"].startswith("timm:timm/convnext_tiny")
    assert photos["preprocess"] == {"unreadable": "leave_out"}
    assert "embed" not in propose("photos", "--no-pretrained")
    assert "embed" not in propose("icons")
    assert "embed" in propose("icons", "--pretrained")
    assert propose("english.csv")["embed"]["source"].startswith("sentence-transformers:")
    assert "embed" not in propose("other.csv")
    assert propose("photos", "--set", "embed.source=npy:v.npy")["preprocess"] == {"unreadable": "leave_out"}


@pytest.mark.parametrize(
    ("shape", "expected"), [((8, 9), [1, 8, 9]), ((8, 9, 3), [3, 8, 9]), ((81,), [1, 9, 9]), ((7,), None)]
)
def test_arrays(
    add: Callable[..., dict[str, Any]], workplace: Path, shape: tuple[int, ...], expected: list[int] | None
) -> None:
    features = np.random.default_rng(0).integers(0, 256, (20, *shape), dtype=np.uint8)
    np.savez(workplace / "a.npz", features=features, labels=np.arange(20) % 2)
    assert add("a.npz").get("preprocess", {}).get("image_shape") == expected


@pytest.mark.parametrize(
    ("place", "section"),
    [
        ("sklearn:digits", {"preprocess": {"image_shape": [1, 8, 8], "pixel_max": 16}}),
        ("sklearn:wine", {"fetch": {"sources": ["sklearn:wine"]}}),
    ],
)
def test_what_has_a_name(add: Callable[..., dict[str, Any]], place: str, section: dict[str, Any]) -> None:
    assert section.items() <= add(place).items()


def test_a_folder_of_tables_is_one(add: Callable[..., dict[str, Any]], workplace: Path) -> None:
    (workplace / "tables").mkdir()
    for name in ("test", "train"):
        write_csv(workplace / f"tables/{name}.csv", **make_rows())
    assert add("tables", "--label", "kind")["fetch"] == {"sources": ["csv:tables/{train,test}.csv"], "label": "kind"}


def test_a_table_in_a_zip(add: Callable[..., dict[str, Any]], run: Run, workplace: Path) -> None:
    write_csv(workplace / "a.csv", **make_rows())
    with zipfile.ZipFile(workplace / "archive.zip", "w") as archive:
        archive.write(workplace / "a.csv", "inner.csv")
    assert add("archive.zip", "--set", "fetch.label=kind")["fetch"] == {"sources": ["csv:archive.zip"], "label": "kind"}
    with zipfile.ZipFile(workplace / "two.zip", "w") as archive:
        archive.writestr("a.csv", "")
        archive.writestr("b.csv", "")
    code, _, err = run("add", "cats", "two.zip")
    assert (code, err.count("\n")) == (2, 1)
    assert "two.zip: holds a.csv, b.csv, and no pictures; unpack it" in err


def test_any_other_key_is_set(add: Callable[..., dict[str, Any]], workplace: Path) -> None:
    text = "größe;kind\n" + "1,5;cat\n2,5;dog\n" * 10
    (workplace / "a.csv").write_text(text, encoding="latin-1")
    keys = ("fetch.csv.encoding=latin-1", "split.repeats=3", "split.folds=2")
    block = add("a.csv", "--label", "kind", *(part for key in keys for part in ("--set", key)))
    assert block["fetch"] == {"sources": ["csv:a.csv"], "csv": {"encoding": "latin-1"}, "label": "kind"}
    assert block["split"] == {"repeats": 3, "folds": 2}


def test_on_a_terminal_the_label_is_asked_for(
    add: Callable[..., dict[str, Any]], workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["", "9", "2"])
    monkeypatch.setattr("dataset.asking.is_terminal", lambda: True)
    monkeypatch.setattr(builtins, "input", lambda _: next(answers))
    write_csv(workplace / "a.csv", **make_rows(colour=["red", "blue"] * 30))
    # in the order in which they are shown: those with the fewest values first
    assert add("a.csv")["fetch"]["label"] == "kind"


def test_a_column_that_tells_the_label_is_named(run: Run, workplace: Path) -> None:
    write_csv(workplace / "a.csv", **make_rows(kind_code=[0, 1, 2] * 20))
    code, out, _ = run("add", "pets", "a.csv", "--label", "kind", "--dry-run")
    assert code == 0
    assert "'kind_code': this column alone tells 60 of 60 labels" in out


MISTAKES = [
    ("nothing there", ["nowhere.csv"], "nowhere.csv: nothing is there; give a path"),
    ("no kind", ["a.xlsx"], "a.xlsx: is of no kind that can be told by its name; save the sheet as CSV"),
    ("npy", ["a.npy"], "a.npy: is of no kind that can be told by its name; write features and labels into one file"),
    ("texts in files", ["texts"], "texts: holds neither pictures nor tables (3 .txt); put texts in files into one CSV"),
    ("empty folder", ["empty"], "empty: holds neither pictures nor tables (it is empty)"),
    ("no classes", ["flat"], "holds no pictures in sub-folders, one for each class"),
    ("a broken archive", ["a.zip"], "a.zip: is neither a folder nor a zip or tar archive"),
    ("several labels may be", ["two.csv"], "labels? Say --label NAME; it may be: colour (2 different)"),
    ("no such label", ["two.csv", "--label", "colur"], "--label: no column is called 'colur' (did you mean 'colour'?)"),
    ("one class", ["one.csv", "--label", "kind"], "every row is labelled 'cat'; at least two classes are needed"),
    ("no label", ["free.csv"], "no column holds classes"),
    ("measurements", ["free.csv", "--label", "size"], "these are measurements; name another column in --label"),
    ("twice", ["two.csv", "--label", "kind", "--id", "kind"], "--id: no column is called 'kind'"),
    ("ids that are none", ["two.csv", "--label", "kind", "--id", "colour"], "has 2 value(s) in more than one row"),
    ("an encoding", ["latin.csv"], "here: --set fetch.csv.encoding=VALUE"),
    ("a kind without a name", ["csv:"], "csv:: names nothing after its kind"),
    ("an unknown key", ["two.csv", "--label", "kind", "--set", "split.fods=3"], "pets.split.fods: unknown key"),
    ("a value", ["two.csv", "--label", "kind", "--set", "split.folds=1"], "pets.split.folds: 1 is not allowed"),
    ("columns of pictures", ["bad", "--label", "kind"], "--label: counts only for tables, and this source"),
    ("no pictures", ["bad"], "none of the pictures that were looked at can be read"),
    ("a section unknown to all", ["two.csv", "--set", "spilt.folds=3"], "--set spilt.folds=3: write it like"),
    ("no section", ["two.csv", "--set", "folds=1"], "--set folds=1: write it like --set split.repeats=3"),
    ("not installed", ["two.csv", "--nonsense"], "unrecognized arguments: --nonsense"),
]  # fmt: skip


@pytest.fixture
def odd_files(workplace: Path) -> None:
    for name in ("a.xlsx", "a.npy", "a.zip"):
        (workplace / name).write_text("text")
    for folder in ("texts/a", "empty", "flat", "bad/cat", "bad/dog"):
        (workplace / folder).mkdir(parents=True)
    for number in range(3):
        (workplace / f"texts/a/{number}.txt").write_text("text")
    for name in (f"bad/{kind}/{number}.png" for kind in ("cat", "dog") for number in range(5)):
        (workplace / name).write_text("no picture")
    write_pictures(workplace / "flat", ["1.png"])
    write_csv(workplace / "two.csv", **make_rows(colour=["red", "blue"] * 30))
    write_csv(workplace / "one.csv", size=[1, 2, 3], kind=["cat"] * 3)
    write_csv(workplace / "free.csv", size=np.arange(60) * 1.5 + 0.25, width=np.arange(60) + 0.5)  # type: ignore[arg-type]
    (workplace / "latin.csv").write_bytes("größe,kind\n1,cat\n2,dog\n".encode("latin-1"))


@pytest.mark.usefixtures("odd_files")
@pytest.mark.parametrize(("arguments", "message"), [each[1:] for each in MISTAKES], ids=[each[0] for each in MISTAKES])
def test_a_mistake_is_one_line_and_nothing_is_written(
    run: Run, workplace: Path, arguments: list[str], message: str
) -> None:
    before = {path: path.read_bytes() for path in workplace.rglob("*") if path.is_file()}
    code, _, err = run("add", "pets", *arguments)
    assert (code, err.count("\n")) == (2, 1), err
    assert message in err
    assert {path: path.read_bytes() for path in workplace.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("digits", "'digits' is taken; `dvc repro report@digits` goes on with it; to add it anew, `python -m dataset"),
        ("mnist", "'mnist' is taken; choose another name, or `python -m dataset remove mnist` first"),
        ("datasets", "'datasets' has a meaning of its own there"),
        ("on", "'on' is read by YAML as True"),
        ("007", "'007' is read by YAML as 7"),
        ("1e5", "is read by YAML as '1e5', and not as a name"),
        ("../pets", "'../pets' cannot name a data set"),
        ("pet shop", "'pet shop' cannot name a data set"),
    ],
)
def test_a_name_must_be_free_and_be_one(run: Run, name: str, message: str) -> None:
    code, _, err = run("add", name, "sklearn:wine")
    assert (code, err.count("\n")) == (2, 1), err
    assert message in err


def test_an_interrupted_run_goes_on_by_the_same_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def note(name: str) -> int:
        ran.append(name)
        return 0

    monkeypatch.setattr("dataset.running.run", note)
    for _ in range(2):
        code, out, err = run("add", "wine", "sklearn:wine", "--run")
        assert (code, err) == (0, "")
        assert "next: " not in out
    assert "'wine' is added already" in out
    assert ran == ["wine", "wine"]
    # another block is not what is there
    for place, *options in (("sklearn:iris", "--run"), ("sklearn:wine", "--run", "--set", "split.folds=3")):
        assert "'wine' is taken; `dvc repro report@wine` goes on" in run("add", "wine", place, *options)[2]
    assert len(ran) == 2


def test_without_params_or_dvc_yaml_the_message_says_so(run: Run, workplace: Path) -> None:
    (workplace / "dvc.yaml").unlink()
    assert "dvc.yaml: not found; run the command from the repository's root" in run("add", "pets", "sklearn:wine")[2]
    (workplace / "params.yaml").unlink()
    assert "params.yaml: not found; run the command from the repository's root" in run("list")[2]


def test_a_block_is_written_as_readme_shows_it() -> None:
    block = {"fetch": {"sources": ["csv:a"], "label": "y"}, "find_issues": {"budget": "2%"}}
    assert format_block("pets", block, "rows") == (
        "# rows\npets:\n  fetch:\n    sources: ['csv:a']\n    label: y\n  find_issues: {budget: 2%}\n"
    )


def write_churn(path: Path) -> None:
    """Write a table of customers, a few of whom are labelled wrong."""
    rows = ["customer,household,visits,since,plan,left"]
    for number in range(240):
        visits, plan = number * 7 % 23, ("basic", "plus", "pro")[number % 3]
        left = "yes" if (visits > 15) != (number % 11 == 3) else "no"
        rows.append(
            f"C{number:04},H{number // 2 % 90:02},{visits},20{10 + number % 12}-0{1 + number % 9}-15,{plan},{left}"
        )
    path.write_text("\n".join(rows) + "\n")


def test_the_page_shows_what_is_printed(run: Run, workplace: Path) -> None:
    write_churn(workplace / "churn.csv")
    command, _, shown = find_block("docs/adding.md", "$ python -m dataset add churn").partition("\n")
    code, out, _ = run(*command.split()[4:])
    assert (code, out) == (0, shown)


def test_each_source_has_a_look_that_has_what_a_look_needs() -> None:
    assert list_names(looks) == list_names(sources)
    for name in list_names(looks):
        module = load(looks, name)
        assert callable(module.look)
        assert callable(module.hold)
        assert (name in FOR_FILES) == hasattr(module, "takes")


RATED = ["cat", "dog", "cat", "owl", "dog", "cat"] * 10


@pytest.mark.parametrize(
    ("columns", "options", "label", "said"),
    {
        "numbered": (
            {"ann1": RATED, "ann2": ["", *RATED[1:]], "Ann3": RATED}, (), ["ann1", "ann2", "Ann3"],
            "label: by several annotators, ann1, ann2 and Ann3; `--label ann1` takes one column alone",
        ),
        "lettered": ({"rater_a": RATED, "rater_b": RATED}, (), ["rater_a", "rater_b"], "120 labels by 2 annotators"),
        "how often they agree": (
            {"label_1": RATED, "label_2": ["dog"] * 30 + RATED[30:]}, (), ["label_1", "label_2"],
            "all agree on 67% of the rows that have several",
        ),
        "named": ({"mia": RATED, "bo": RATED}, ("--label", "mia,bo"), ["mia", "bo"], "several annotators, mia and bo"),
        "beside a label": (
            {"label": RATED, "ann1": RATED, "ann2": RATED}, (), "label",
            "ann1 and ann2 look like the labels of several annotators, and are features here; `--label ann1,ann2`",
        ),
        "other classes": (
            {"label1": RATED, "label2": ["a", "b"] * 30, "kind": RATED}, ("--label", "kind"), "kind", "label: 'kind'",
        ),
        "answers": ({"q1": ["y", "n"] * 30, "q2": ["y", "n"] * 30, "y": RATED}, (), "y", "label: 'y'"),
        "a column with a comma": ({"mia,bo": RATED, "bo": RATED}, ("--label", "mia,bo"), "mia,bo", "label: 'mia,bo'"),
    }.values(),
)  # fmt: skip
def test_columns_of_several_annotators(
    columns: dict[str, list[Any]],
    options: tuple[str, ...],
    label: str | list[str],
    said: str,
    run: Run,
    workplace: Path,
) -> None:
    write_csv(workplace / "a.csv", size=[row % 17 for row in range(60)], **columns)
    code, out, err = run("add", "pets", "a.csv", *options)
    assert (code, err) == (0, "")
    assert yaml.safe_load((workplace / "params.yaml").read_text())["pets"]["fetch"]["label"] == label
    assert said in out


def test_a_file_of_annotations_is_beside_the_rows(run: Run, workplace: Path) -> None:
    write_csv(workplace / "rows.csv", nr=list(range(60)), size=[row % 17 for row in range(60)])
    write_csv(workplace / "said.csv", id=[*range(60)] * 2, annotator=["x"] * 60 + ["y"] * 60, label=RATED * 2)
    code, out, err = run("add", "pets", "said.csv", "--label", "label")
    assert (code, out) == (2, "")
    assert "a line for each label that an annotator gave, and not one for each row" in err
    code, out, err = run("add", "pets", "rows.csv", "--set", "fetch.annotations=said.csv")
    assert (code, err) == (0, "")
    assert "120 labels by 2 annotators; all agree on 100% of the rows" in out
    assert yaml.safe_load((workplace / "params.yaml").read_text())["pets"]["fetch"] == {
        "sources": ["csv:rows.csv"], "annotations": "said.csv", "id": "nr",
    }  # fmt: skip


def test_columns_that_hold_the_same_classes_are_asked_about(run: Run, workplace: Path) -> None:
    write_csv(workplace / "a.csv", size=[row % 17 / 7 for row in range(60)], mia=RATED, bo=RATED)
    code, _, err = run("add", "pets", "a.csv")
    assert code == 2
    assert "mia,bo (if several annotators gave these, which hold the same classes), mia (3 different)" in err
