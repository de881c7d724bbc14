"""README says what the code and the committed results say."""

import json
import re

import pytest
import yaml

from benchmarks.committed_results import DATASETS, PUBLISHED_WORST, results_table, worst_table
from benchmarks.detection import DATASETS as DETECTION_DATASETS
from stages.artifacts.issues import read_flagged
from stages.command.params import SECTIONS
from tests.conftest import ROOT, Clone
from tests.test_params import SCHEMAS

README = (ROOT / "README.md").read_text()


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_the_tables_are_what_the_committed_results_give() -> None:
    assert results_table() in README
    assert worst_table(*DATASETS) in README
    assert worst_table("banking77") in README


def test_the_detection_tables_are_lines_of_what_the_benchmark_printed() -> None:
    printed = (ROOT / "benchmarks/detection.md").read_text().splitlines()
    section = README.split("\n## Is the ranking any good?\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    assert {line.split("`")[1] for line in rows if "`" in line} == set(DETECTION_DATASETS)
    assert set(rows) <= set(printed)


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


def test_the_example_decisions_fit_the_digits(clone: Clone) -> None:
    block = re.search(r"write lines yourself[^\n]*\n\n((?:    .*\n)+)", README)
    assert block
    with clone.path("data/digits/decisions.csv").open("a") as file:
        file.writelines(f"{line.strip()}\n" for line in block[1].splitlines())
    assert "3 decided on by people" in clone.stage("clean")


@pytest.mark.parametrize("name", ["pets", "churn", "banking"])
def test_an_example_block_is_short_and_what_the_stages_allow(name: str) -> None:
    block = re.search(rf"```yaml\n({name}:.*?)```", README, re.DOTALL)
    assert block
    assert block[1].count("\n") <= 10
    sections = yaml.safe_load(block[1])[name]
    assert list(sections) == list(SECTIONS)
    for section, schema in SCHEMAS.items():
        schema.model_validate(sections[section])


def test_every_key_is_listed_with_its_default() -> None:
    rows = re.findall(r"^\| (`\w+\.\w+`(?:, `\w+\.\w+`)*) \| (\S+|\(needed\)) \|", README, re.MULTILINE)
    listed = {key: default.strip("`") for keys, default in rows for key in re.findall(r"`([\w.]+)`", keys)}
    defaults = {
        f"{section}.{key}": "(needed)" if field.is_required() else json.dumps(field.default).strip('"')
        for section, schema in SCHEMAS.items()
        for key, field in schema.model_fields.items()
    }
    assert {key: _as_number(default) for key, default in listed.items()} == {
        key: _as_number(default) for key, default in defaults.items()
    }


def _as_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def test_the_training_snippet_runs(shared_clone: Clone) -> None:
    snippet = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert snippet
    code = f"{snippet[1]}\nprint(X.shape, X.dtype, X.max(), y.shape, y.dtype, min(y), max(y))"
    assert shared_clone.run("python", "-c", code).strip() == "(1779, 1, 8, 8) float32 1.0 (1779,) int64 0 9"


def test_every_file_it_names_exists() -> None:
    for name in re.findall(r"\]\(((?!https?:)[^)#]+)\)", README):
        assert (ROOT / name).exists(), name


def test_its_block_of_environment_variables_is_complete() -> None:
    used = {
        name
        for path in (ROOT / "stages").rglob("*.py")
        for name in re.findall(r"CLEAN_LABELS_[A-Z]+", path.read_text())
    }
    assert used == set(re.findall(r"`(CLEAN_LABELS_[A-Z]+)`", README))
