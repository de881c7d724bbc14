"""Every knob is held against what is allowed, and a mistake is named with its key, its value and the mend."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import stages.clean.__main__ as clean
import stages.crossval_predict.settings as crossval_predict
import stages.fetch.settings as fetch
import stages.find_issues.settings as find_issues
import stages.preprocess.settings as preprocess
import stages.report.__main__ as report
from stages.command.errors import InputError
from stages.command.params import SECTIONS, Section, read_section

Edit = Callable[..., None]
SCHEMAS: dict[str, type[Section]] = {
    "fetch": fetch.Settings,
    "preprocess": preprocess.Settings,
    "crossval_predict": crossval_predict.SectionSettings,
    "find_issues": find_issues.Settings,
    "clean": clean.Settings,
    "report": report.Settings,
}

MISTAKES = [
    ("fetch", "sources", [], "[] is not allowed: give a list that is not empty"),
    ("fetch", "sources", "sklearn:digits", "'sklearn:digits' is not allowed: give a list, [a, b]"),
    ("fetch", "label", ["a"], "['a'] is not allowed: give a text"),
    ("fetch", "label", {"a": 1}, "{'a': 1} is not allowed: give a text"),
    ("fetch", "label", 2010, "2010 is not allowed: give a text, in quotes"),
    ("fetch", "sha256", "abc", "'abc' is not allowed: give the 64 hexadecimal digits that fetch prints, in"),
    ("fetch", "source", [], "unknown key (did you mean 'sources'?); allowed: sources, sha256,"),
    ("preprocess", "image_shape", [8, 8], "[8, 8] is not allowed: give [channels, height, width]"),
    ("preprocess", "image_shape", [1, 0, 8], "0 is not allowed: input should be greater than or equal to 1"),
    ("preprocess", "pixel_max", 0, "0 is not allowed: input should be greater than 0"),
    ("preprocess", "pixel_max", "white", "'white' is not allowed: give a number"),
    ("preprocess", "text", [2010], "[2010] is not allowed: give the name of a column, or a list of names, [a, b], "),
    ("preprocess", "columns", ["a"], "['a'] is not allowed: give keys and values, {key: value}"),
    ("preprocess", "columns", {2010: "date"}, "preprocess.columns.2010: 2010 is not allowed: give a text, in quotes"),
    ("crossval_predict", "shuffle", "never", "'never' is not allowed: give true or false"),
    ("crossval_predict", "model", "cmm", "'cmm' is not allowed: give auto, cnn, wide_cnn,"),
    ("crossval_predict", "model", [], "[] is not allowed: give a list that is not empty"),
    ("crossval_predict", "model", ["cnn", ["cnn"]], "model.1.model: ['cnn'] is not allowed: give auto, cnn, wide_cnn,"),
    ("crossval_predict", "model", ["cnn", {"lr": 1}], "model.1.model: missing; add the key"),
    ("crossval_predict", "model", [{"model": "cnn", "lr": 0}], "model.0.lr: 0 is not allowed: input should be greater"),
    ("crossval_predict", "model", [{"model": "cnn", "lrr": 1}], "'lrr' is unknown; a model of a list may have: argum"),
    ("crossval_predict", "model", [{"model": "cnn", "seed": 1}], "seed holds for all models alike; set it beside `mo"),
    ("crossval_predict", "model", {"model": "cnn", "lr": 1}, "a model with keys of its own stands in a list"),
    ("crossval_predict", "folds", 1, "1 is not allowed: input should be greater than or equal to 2"),
    ("crossval_predict", "folds", 2.5, "2.5 is not allowed: give a whole number"),
    ("crossval_predict", "max_epochs", 0, "0 is not allowed: input should be greater than or equal to 1"),
    ("crossval_predict", "max_epochs", True, "True is not allowed: give a whole number"),
    ("crossval_predict", "max_epoch", 5, "unknown key (did you mean 'max_epochs'?); allowed: labels, pred_probs,"),
    ("crossval_predict", "batch_size", -1, "-1 is not allowed: input should be greater than or equal to 1"),
    ("crossval_predict", "optimizer", "adam", "'adam' is not allowed: input should be 'adamw' or 'sgd'"),
    ("crossval_predict", "schedule", "cosine", "'cosine' is not allowed: input should be 'one_cycle' or 'constant'"),
    ("crossval_predict", "lr", "1e-3", "give a number (YAML reads 1e-3 as text: write 0.001)"),
    ("crossval_predict", "lr", float("nan"), "nan is not allowed: give a finite number"),
    ("crossval_predict", "lr", float("inf"), "inf is not allowed: give a finite number"),
    ("crossval_predict", "weight_decay", -0.1, "-0.1 is not allowed: input should be greater than or equal to 0"),
    ("crossval_predict", "validation", 0.6, "0.6 is not allowed: input should be less than or equal to 0.5"),
    ("crossval_predict", "seed", -1, "-1 is not allowed: input should be greater than or equal to 0"),
    (
        "find_issues",
        "flag",
        "all",
        "'all' is not allowed: give one of both, budget, confident_learning, disagree,",
    ),
    (
        "find_issues",
        "rank_by",
        "margin",
        "'margin' is not allowed: give one of confidence_weighted_entropy, noise_p",
    ),
    ("find_issues", "flag", "yeild", "self_confidence, noise_rate, prune_by_class, yield (did you mean 'yield'?)"),
    ("find_issues", "rank_by", 1, "1 is not allowed: give a text, in quotes"),
    ("find_issues", "min_yield", 0, "0 is not allowed: input should be greater than 0"),
    ("find_issues", "budget", 0, "0 is not allowed: give a number of rows of at least 1, or a share such as 2%"),
    ("find_issues", "budget", "101%", "'101%' is not allowed: give a number of rows"),
    ("find_issues", "budget", 0.02, "0.02 is not allowed: give a number of rows"),
    ("clean", "undecided", "drop", "'drop' is not allowed: input should be 'remove', 'keep' or 'relabel'"),
    ("clean", "relabel_above", 1.5, "1.5 is not allowed: input should be less than or equal to 1"),
    ("report", "top", 0, "0 is not allowed: input should be greater than or equal to 1"),
    ("report", "examples", [1.5], "1.5 is not allowed: give a text, in quotes"),
]


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("section", SECTIONS)
def test_the_shipped_blocks_are_allowed_and_name_every_knob(section: str) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text())
    blocks = {name: block for name, block in params.items() if isinstance(block, dict)}
    for dataset in blocks:
        read_section(dataset, section, SCHEMAS[section])
    assert {key for block in blocks.values() for key in block[section]} == set(SCHEMAS[section].model_fields)


@pytest.mark.parametrize(("section", "key", "value", "message"), MISTAKES)
def test_a_mistake_is_named(edit_params: Edit, section: str, key: str, value: object, message: str) -> None:
    edit_params(section, key, value)
    with pytest.raises(InputError) as caught:
        read_section("digits", section, SCHEMAS[section])
    lines = str(caught.value).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"params.yaml: digits.{section}.{key}")
    assert message in lines[0]


def test_every_mistake_in_a_section_is_named_at_once(edit_params: Edit) -> None:
    edit_params("crossval_predict", "folds", 0)
    edit_params("crossval_predict", "sede", 1)
    with pytest.raises(InputError, match=r"folds: 0 .*\n.*sede: unknown key \(did you mean 'seed'\?\)"):
        read_section("digits", "crossval_predict", crossval_predict.SectionSettings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("digits: {fetch: {}}", "no block for the data set 'mnist'; there are: digits"),
        ("mnits: {}", "no block for the data set 'mnist' (did you mean 'mnits'?)"),
        ("mnist: {clean: {}}", "mnist.report: missing; add the section"),
        ("mnist: {report: [1]}", "mnist.report: must hold keys and values, not [1]"),
        ("mnist: {reports: {}}", "mnist.reports: unknown section (did you mean 'report'?); allowed: fetch,"),
        ("mnist: [", "params.yaml: not valid YAML"),
        ("[1, 2]", "params.yaml: must hold `datasets` and a block for each data set"),
    ],
)
def test_a_broken_file_is_named(workplace: Path, text: str, message: str) -> None:
    (workplace / "params.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        read_section("mnist", "report", report.Settings)
    assert message in str(caught.value)


def test_outside_the_root_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="run the command from the repository's root"):
        read_section("digits", "report", report.Settings)
