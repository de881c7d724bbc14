"""README and the pages in docs say what the code and the committed results say, and their commands run."""

import importlib.util
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.committed_results import DATASETS, PUBLISHED_WORST, results_table, worst_table
from benchmarks.detection import DATASETS as DETECTION_DATASETS
from docs.parameters import format_page, list_keys
from stages.artifacts.issues import read_flagged
from stages.check.__main__ import SCHEMAS
from stages.command.params import SECTIONS, Section
from stages.compare.settings import Settings as CompareSettings
from stages.flip.settings import Settings as FlipSettings
from tests.conftest import ROOT, Clone
from tests.pages import CI, PAGES, RUN_BY, SHOWN, find_block, list_anchors, read_blocks, read_page, read_prose

MOST_LINES = {"README.md": 200}
MOST_LINES_OF_A_PAGE = 250
LINES_OF_SETTINGS = [
    (page, block.text)
    for page in ("docs/models.md", "docs/method.md", "docs/own-data.md", "docs/unlabelled.md")
    for block in read_blocks(page)
    if block.language == "yaml"
]


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_short(page: str) -> None:
    assert read_page(page).count("\n") <= MOST_LINES.get(page, MOST_LINES_OF_A_PAGE)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for name, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", read_prose(page)):
        path = (ROOT / page).parent / name if name else ROOT / page
        assert path.exists(), name
        assert not anchor or anchor in list_anchors(path.resolve()), f"{name}#{anchor}"


def test_readme_links_to_every_page() -> None:
    linked = re.findall(r"\]\(([^)#]+\.md)", read_page("README.md"))
    assert set(PAGES) - {"README.md"} <= set(linked)


@pytest.mark.parametrize("page", PAGES)
def test_every_module_exists(page: str) -> None:
    for name in re.findall(r"python -m\s+([\w.]+\w)", read_page(page)):
        assert importlib.util.find_spec(name), name


def test_the_page_of_parameters_is_what_is_generated() -> None:
    assert read_page("docs/parameters.md") == format_page(), "python -m docs.parameters > docs/parameters.md"


def test_it_is_known_what_runs_each_block() -> None:
    blocks = {page: [block.head for block in read_blocks(page)] for page in PAGES}
    assert {page: heads for page, heads in blocks.items() if heads} == {
        page: [*heads] for page, heads in RUN_BY.items()
    }
    for runner in (runner for heads in RUN_BY.values() for runner in heads.values()):
        if not runner.startswith((CI, SHOWN)):
            file, _, test = runner.partition(",")[0].partition("::")
            assert f"\ndef {test}(" in (ROOT / "tests" / file).read_text(), runner


def test_the_tables_are_what_the_committed_results_give() -> None:
    page = read_page("docs/results.md")
    assert results_table() in page
    assert worst_table(*DATASETS) in page
    assert worst_table("banking77") in page


def test_the_detection_tables_are_lines_of_what_the_benchmark_printed() -> None:
    printed = [(ROOT / "benchmarks" / name).read_text() for name in ("detection.md", "noise_weight.md")]
    rows = [line for line in read_page("docs/detection.md").splitlines() if line.startswith("| ")]
    assert {line.split("`")[1] for line in rows if "`" in line} == set(DETECTION_DATASETS)
    assert set(rows) <= set("\n".join(printed).splitlines())


def test_readmes_figures_stand_on_the_pages_it_links_to() -> None:
    table = read_page("README.md").partition("\n## How good")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (?!---|what)(.+) \| (.+) \| \[.+\]\(([^)#]+).*\) \|$", table, re.MULTILINE)
    assert len(rows) == 6
    for _, result, page in rows:
        text = read_page(page)
        for figure in re.findall(r"-?\d+(?:\.\d+)?(?: ± \d\.\d+)?", result):
            assert figure in text, (figure, page)


def test_the_committed_results_reproduce_the_tutorial() -> None:
    metrics = {
        name: json.loads((ROOT / f"reports/{name}/metrics.json").read_text()) for name in ("mnist", "mnist_tutorial")
    }
    issues = list(read_flagged(ROOT / "data/mnist_tutorial")["id"])
    assert metrics["mnist_tutorial"]["accuracy"] == pytest.approx(0.984, abs=0.002)
    assert 100 <= metrics["mnist_tutorial"]["flagged"] == len(issues) <= 220
    assert len(set(PUBLISHED_WORST) & set(issues)) >= 9
    assert "59915" in issues[:5]
    assert metrics["mnist"]["accuracy"] >= 0.992


@pytest.mark.parametrize("name", ["pets", "churn", "banking"])
def test_an_example_block_is_short_and_what_the_stages_allow(name: str) -> None:
    block = find_block("README.md", f"{name}:")
    assert block.count("\n") <= 10
    sections = yaml.safe_load(block)[name]
    assert list(sections) == [section for section in SECTIONS if section in sections]
    for section, values in sections.items():
        SCHEMAS[section].model_validate(values)


@pytest.mark.parametrize(("page", "text"), LINES_OF_SETTINGS)
def test_a_line_of_settings_is_allowed(page: str, text: str) -> None:
    sections = yaml.safe_load(text)
    lists: dict[str, type[Section]] = {"audited": FlipSettings, "compared": CompareSettings}
    for name, schema in lists.items():
        for entry in sections.pop(name, []):
            for settings in entry.values() if isinstance(entry, dict) else ():
                schema.model_validate(settings)
    for section, values in sections.items():
        SCHEMAS[section].model_validate(values)


def test_every_key_is_listed_with_its_default() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (\S+|\(needed\)) \|", read_page("docs/parameters.md"), re.MULTILINE)
    listed = {key: default.strip("`") for key, default in rows if key.split(".")[0] in SCHEMAS}
    defaults = {
        f"{section}.{key}": "(needed)" if field.is_required() else json.dumps(field.default).strip('"')
        for section, schema in SCHEMAS.items()
        for key, field in list_keys(schema).items()
    }
    assert {key: _as_number(default) for key, default in listed.items()} == {
        key: _as_number(default) for key, default in defaults.items()
    }


def _as_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def test_the_block_of_environment_variables_is_complete() -> None:
    used = {
        name
        for path in (ROOT / "stages").rglob("*.py")
        for name in re.findall(r"CLEAN_LABELS_[A-Z]+", path.read_text())
    }
    assert used == set(re.findall(r"`(CLEAN_LABELS_[A-Z]+)`", read_page("docs/scale.md")))


def test_the_example_network_takes_pictures() -> None:
    import torch

    names: dict[str, Any] = {}
    exec(find_block("docs/models.md", "import torch"), names)
    network = names["MyNet"](shape=(3, 28, 28), n_classes=4, width=48)
    assert network(torch.zeros(2, 3, 28, 28)).shape == (2, 4)


def test_a_worker_starts_with_the_variables() -> None:
    command = find_block("docs/scale.md", "env $(python -m stages)").partition(" tcp://")[0]
    assert "--nthreads" in Clone(ROOT).run("sh", "-c", f"{command} --help")


def test_the_training_snippet_runs(shared_clone: Clone) -> None:
    snippet = find_block("docs/versions.md", "import json")
    code = f"{snippet}\nprint(X.shape, X.dtype, X.max(), y.shape, y.dtype, min(y), max(y))"
    assert shared_clone.run("python", "-c", code).strip() == "(1797, 1, 8, 8) float32 1.0 (1797,) int64 0 9"


def test_the_example_decisions_fit_the_digits(clone: Clone) -> None:
    with clone.path("data/digits/decisions.csv").open("a") as file:
        file.write(find_block("docs/review.md", "5,5,keep"))
    assert "3 decided on by people" in clone.stage("clean")


@pytest.mark.parametrize(
    ("page", "head", "folder"),
    [
        ("docs/own-data.md", "dvc repro --force", "."),
        ("docs/pretrained.md", "dvc repro --force", "."),
        ("docs/rounds.md", "dvc repro --single-item", "."),
        ("docs/troubleshooting.md", "rm -r", "."),
        ("docs/versions.md", "sha256sum", "data/digits/cleaned"),
    ],
)
def test_a_command_runs(clone: Clone, page: str, head: str, folder: str) -> None:
    clone.path("data/digits/kept").mkdir(exist_ok=True)
    Clone(clone.path(folder)).run("sh", "-ec", find_block(page, head).replace("pets", "digits"))


def test_a_file_of_probabilities_is_read_again(clone: Clone) -> None:
    shutil.copy(clone.path("data/digits/predictions/pred_probs.npy"), clone.path("pets_probs.npy"))
    params = yaml.safe_load(clone.path("params.yaml").read_text())
    params["digits"]["crossval_predict"] = {"pred_probs": "pets_probs.npy"}
    clone.path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    clone.repro()
    commands = find_block("docs/models.md", "dvc repro --force").replace("pets", "digits")
    assert "Running stage 'crossval_predict@digits'" in clone.run("sh", "-ec", commands)


def test_a_command_prints_what_the_page_shows(clone: Clone) -> None:
    command, _, printed = find_block("docs/label-studio.md", "$ python -m review export").partition("\n")
    assert clone.run("sh", "-c", command.removeprefix("$ ")) == printed


def test_a_remote_is_named_as_the_page_says(clone: Clone, tmp_path: Path) -> None:
    add = re.search(r"^\| a folder, .*`(dvc remote add .*)` \|$", read_page("docs/remotes.md"), re.MULTILINE)
    assert add
    name_and_push = find_block("docs/remotes.md", "dvc remote modify store verify true")
    printed = clone.run("sh", "-ec", f"{add[1]}\n{name_and_push}".replace("/path/to", str(tmp_path)))
    assert "files pushed" in printed
    assert (tmp_path / "store/files/md5").is_dir()


def test_two_versions_compare_as_the_page_shows(released: Clone) -> None:
    command, _, shown = find_block("docs/versions.md", "$ python -m labels diff").partition("\n")
    printed = released.run("sh", "-c", command.removeprefix("$ "))
    assert printed.replace("<b>smudged</b> | torn", "smudged") == shown
    command, _, shown = find_block("docs/versions.md", "$ python -m labels gate").partition("\n")
    # there the change has landed, so that its base is a version
    printed = released.run("sh", "-c", command.removeprefix("$ ").replace("origin/main", "v1.0.0"))
    assert printed.replace("v1.0.0", "origin/main") == shown


def test_a_version_is_read_by_the_pages_own_lines(released: Clone) -> None:
    code = find_block("docs/versions.md", "import dvc.api")
    printed = released.run("python", "-c", f"URL = {str(released.folder)!r}\n{code}\nprint(labels.shape)")
    assert printed.splitlines()[-1] == "(1797, 6)"
