"""Every knob is held against what is allowed, and a mistake is named with its key, its value and the mend."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import stages.crossval_predict.settings as crossval_predict
from stages.check.__main__ import SCHEMAS, read_sections
from stages.command.errors import InputError
from stages.command.params import SECTIONS, read_section

Edit = Callable[..., None]
MISTAKES = [
    ("fetch", "sources", [], "[] is not allowed: give a list that is not empty"),
    ("fetch", "sources", "sklearn:digits", "'sklearn:digits' is not allowed: give a list, [a, b]"),
    ("fetch", "label", ["a"], "['a'] is not allowed: give the name of a column, or a list"),
    ("fetch", "label", {"a": 1}, "{'a': 1} is not allowed: give the name of a column, or a list"),
    ("fetch", "label", 2010, "2010 is not allowed: give the name of a column, or a list"),
    ("fetch", "sha256", "abc", "'abc' is not allowed: give the 64 hexadecimal digits that fetch prints, in"),
    ("fetch", "source", [], "unknown key (did you mean 'sources'?); allowed: sources, sha256,"),
    ("fetch", "csv", 3, "3 is not allowed: give keys and values, {key: value}"),
    ("fetch", "csv", {"encoding": "utf9"}, "csv.encoding: 'utf9' is not allowed: give the name of an encoding, such"),
    ("fetch", "csv", {"delimiter": "\\t"}, 'give one sign that is no quote and no line break, a tab as "'),
    ("fetch", "csv", {"quote": "no"}, "csv.quote: 'no' is not allowed: give one sign, or none if quotes are signs of"),
    ("fetch", "csv", {"header": "a"}, "csv.header: 'a' is not allowed: give true, false, or a list of names, [a, b],"),
    ("fetch", "csv", {"header": [1, 2]}, "csv.header: [1, 2] is not allowed: give true, false, or a list of names, [a"),
    ("fetch", "csv", {"comment": ""}, "csv.comment: '' is not allowed: give a text that is not empty"),
    ("fetch", "csv", {"delimter": ";"}, "unknown key (did you mean 'delimiter'?); allowed: encoding, delimiter, quote"),
    ("preprocess", "image_shape", [8, 8], "[8, 8] is not allowed: give [channels, height, width]"),
    ("preprocess", "image_shape", [1, 0, 8], "0 is not allowed: input should be greater than or equal to 1"),
    ("preprocess", "pixel_max", 0, "0 is not allowed: input should be greater than 0"),
    ("preprocess", "pixel_max", "white", "'white' is not allowed: give a number"),
    ("preprocess", "text", [2010], "[2010] is not allowed: give the name of a column, or a list of names, [a, b], "),
    ("preprocess", "columns", ["a"], "['a'] is not allowed: give keys and values, {key: value}"),
    ("preprocess", "columns", {2010: "date"}, "preprocess.columns.2010: 2010 is not allowed: give a text, in quotes"),
    ("crossval_predict", "shuffle", "never", "'never' is not allowed: give true or false"),
    ("crossval_predict", "model", "cmm", "'cmm' is not allowed: give auto, cnn, tutorial_cnn,"),
    ("crossval_predict", "model", [], "[] is not allowed: give a list that is not empty"),
    ("crossval_predict", "model", ["cnn", ["cnn"]], "model.1.model: ['cnn'] is not allowed: give auto, cnn, tutorial_"),
    ("crossval_predict", "model", ["cnn", {"lr": 1}], "model.1.model: missing; add the key"),
    ("crossval_predict", "model", [{"model": "cnn", "lr": 0}], "model.0.lr: 0 is not allowed: input should be greater"),
    ("crossval_predict", "model", [{"model": "cnn", "lrr": 1}], "'lrr' is unknown; a model of a list may have: argum"),
    ("crossval_predict", "model", [{"model": "cnn", "seed": 1}], "seed holds for all models alike; set it beside `mo"),
    ("crossval_predict", "model", {"model": "cnn", "lr": 1}, "a model with keys of its own stands in a list"),
    (
        "split",
        "folds",
        1,
        "1 is not allowed: give a whole number of at least 2, or 0 if the probabilities come from a",
    ),
    ("split", "folds", 2.5, "2.5 is not allowed: give a whole number"),
    ("split", "folds", -1, "-1 is not allowed: input should be greater than or equal to 0"),
    ("split", "lr", 0.1, "unknown key; allowed: labels, folds, repeats, rare_classes, seed"),
    ("crossval_predict", "folds", 5, "this key lies in the section split now; move it to digits.split.folds"),
    ("crossval_predict", "repeats", 1, "this key lies in the section split now; move it to digits.split.repeats"),
    ("crossval_predict", "labels", "given", "this key lies in the section split now; move it to digits.split.labels"),
    ("crossval_predict", "rare_classes", "stop", "lies in the section split now; move it to digits.split.rare_classes"),
    ("crossval_predict", "max_epochs", 0, "0 is not allowed: input should be greater than or equal to 1"),
    ("crossval_predict", "max_epochs", True, "True is not allowed: give a whole number"),
    ("crossval_predict", "max_epoch", 5, "unknown key (did you mean 'max_epochs'?); allowed: "),
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
    ("clean", "act_above", -1, "-1 is not allowed: input should be greater than or equal to 0"),
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
    assert {key for block in blocks.values() for key in block.get(section, {})} == set(SCHEMAS[section].model_fields)


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
    edit_params("crossval_predict", "batch_size", 0)
    edit_params("crossval_predict", "sede", 1)
    with pytest.raises(InputError, match=r"batch_size: 0 .*\n.*sede: unknown key \(did you mean 'seed'\?\)"):
        read_section("digits", "crossval_predict", crossval_predict.SectionSettings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("digits: {fetch: {}}", "no block for the data set 'mnist'; there are: digits"),
        ("mnits: {}", "no block for the data set 'mnist' (did you mean 'mnits'?)"),
        ("mnist: {report: [1]}", "mnist.report: must hold keys and values, not [1]"),
        ("mnist: {reports: {}}", "mnist.reports: unknown section (did you mean 'report'?); allowed: fetch,"),
        ("mnist: [", "params.yaml: not valid YAML"),
        ("[1, 2]", "params.yaml: must hold `datasets` and a block for each data set"),
    ],
)
def test_a_broken_file_is_named(workplace: Path, text: str, message: str) -> None:
    (workplace / "params.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        read_section("mnist", "report", SCHEMAS["report"])
    assert message in str(caught.value)


def test_outside_the_root_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="run the command from the repository's root"):
        read_section("digits", "report", SCHEMAS["report"])


def test_a_section_that_is_left_out_has_its_defaults(workplace: Path) -> None:
    (workplace / "params.yaml").write_text("pets: {fetch: {sources: ['csv:pets.csv']}, clean: }")
    sections = read_sections("pets")
    assert sections == {
        **{name: {} for name in SCHEMAS},
        "fetch": {"sources": ["csv:pets.csv"]},
        "audited": None,
        "compared": None,
    }
    assert read_section("pets", "clean", SCHEMAS["clean"]) == SCHEMAS["clean"]()


def test_every_mistake_in_a_block_is_named_before_anything_runs(workplace: Path) -> None:
    (workplace / "params.yaml").write_text("pets: {split: {folds: 1}, report: {topp: 3}}\naudited: [dogs]")
    with pytest.raises(InputError) as caught:
        read_sections("pets")
    starts = [
        "pets.fetch.sources: missing",
        "pets.split.folds: 1 is not",
        "pets.report.topp: unknown key",
        "audited: no block",
    ]
    for line, start in zip(str(caught.value).splitlines(), starts, strict=True):
        assert line.startswith(f"params.yaml: {start}")


@pytest.mark.parametrize(
    ("sections", "named"),
    [
        ({}, "auto"),
        ({"crossval_predict": {"model": ["embedding", "cnn"]}}, "cnn"),
        ({"crossval_predict": {"model": "wide_cnn"}, "embed": {"source": "timm:folder"}}, "wide_cnn"),
        ({"embed": {"source": "timm:folder"}}, None),
        ({"embed": {"source": "npy:own.npy"}}, None),
        ({"crossval_predict": {"model": "embedding"}}, None),
        ({"crossval_predict": {"pred_probs": "own.npy"}}, None),
        ({"crossval_predict": {"model": "sklearn.svm:SVC"}}, None),
        ({"preprocess": {"image_shape": [3, 8, 8]}}, None),
        ({"fetch": {"sources": ["npz:a.npz"]}}, None),
    ],
)
def test_pictures_in_files_need_one_shape_where_their_pixels_are_trained_on(
    workplace: Path, sections: dict[str, Any], named: str | None
) -> None:
    block = {"fetch": {"sources": ["images:pets"]}} | sections
    (workplace / "params.yaml").write_text(yaml.safe_dump({"pets": block}))
    if named is None:
        assert read_sections("pets")
    else:
        with pytest.raises(InputError, match=f"pets.preprocess.image_shape: {named} is trained on pixels"):
            read_sections("pets")


def test_a_mistake_in_the_name_of_a_block_is_told_once(workplace: Path) -> None:
    (workplace / "params.yaml").write_text("pets: {}")
    with pytest.raises(InputError) as caught:
        read_sections("pest")
    assert str(caught.value).splitlines() == [
        "params.yaml: no block for the data set 'pest' (did you mean 'pets'?); there are: pets"
    ]
