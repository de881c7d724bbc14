"""A model is one that fits the data, built in or a class of the user's own; a mistake is one line that names it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from stages.artifacts.kind import Kind
from stages.command.errors import InputError
from stages.crossval_predict.choice import choose_models, name_models, resolve_auto
from stages.crossval_predict.folds.checks import check_listed
from stages.crossval_predict.models.origin import Origin, find_origin
from stages.crossval_predict.models.registry import list_auto
from stages.crossval_predict.settings import NETWORK_KEYS, SectionSettings
from tests.conftest import ROOT, copy_working_tree
from tests.data_sets import (
    finish,
    forget,
    make_digits,
    make_table,
    start_training,
    train,
    write_data,
    write_params,
)

LABELS = np.arange(60) % 2
OWN = {
    "toy_net.py": """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, shape, n_classes, hidden=16):
        super().__init__()
        c, h, w = shape
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(c * h * w, hidden), nn.ReLU(), nn.Linear(hidden, n_classes))
    def forward(self, images):
        return self.layers(images)

class Plain(nn.Module):
    pass

class Wide(Net):
    def forward(self, images):
        return self.layers(images)[:, :3]

class Broken(Net):
    def forward(self, images):
        return images @ images[:, :, :3]

class Large(Net):
    smallest_side = 9
""",
    "toy_model.py": """
import numpy as np
from sklearn.linear_model import LogisticRegression

class Fine(LogisticRegression):
    pass

class NoFit:
    pass

class NoProbs:
    def fit(self, X, y): pass

class Short(Fine):
    def predict_proba(self, X): return super().predict_proba(X)[:-1]

class Nans(Fine):
    def predict_proba(self, X): return super().predict_proba(X) * np.nan

class Scores(Fine):
    def predict_proba(self, X): return super().predict_proba(X) * 2

class Fails(Fine):
    def fit(self, X, y): raise RuntimeError("no way\\nat all")

class Swapped(Fine):
    def fit(self, X, y):
        super().fit(X, y)
        self.classes_ = self.classes_[::-1]
    def predict_proba(self, X): return super().predict_proba(X)[:, ::-1]

value = 3
""",
    "toy_wrong.py": "import nowhere_to_be_found\n",
    "toy_syntax.py": "def (\n",
}
FINE = "toy_model:Fine"
LINEAR = {"model": "logistic_regression"}
IN_FOLD = "cannot be fitted in fold 1 of 3"
SVC = "has no predict_proba, and label errors are found by probabilities; choose a classifier that has one, for"

MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("table", {"model": "cnn"}, "model: 'cnn' is for pictures, and these are a table; give auto, logistic_regres"),
    ("table", {"model": "tfidf"}, "model: 'tfidf' is for texts, and these are a table; give auto, logistic_regre"),
    ("text", {"model": "tutorial_cnn"}, "model: 'tutorial_cnn' is for pictures, and these are texts; give auto, tfidf"),
    ("picture", {"model": "gradient_boosting"}, "model: 'gradient_boosting' is for a table, and these are pictures; g"),
    ("picture", {"model": "cnn", "arguments": {"size": 3}}, "arguments: cnn takes none, and there are size; remove th"),
    ("table", {"max_epochs": 3, "lr": 0.1}, ": max_epochs, lr: for networks alone, and logistic_regression and gradi"),
    ("table", {"arguments": {"max_iter": 9}}, "arguments: auto trains logistic_regression, gradient_boosting, extra_"),
    ("table", {"model": "toy_model:Fine", "lr": 0.1}, ": lr: for networks alone, and toy_model:Fine is none; remove"),
    ("table", LINEAR | {"arguments": {"c": 3}}, "arguments: logistic_regression: LogisticRegression takes no c"),
    ("table", LINEAR | {"arguments": {"C": -3}}, f"logistic_regression with these {IN_FOLD} (Invalid"),
    ("text", {"arguments": {"C": "much"}}, f"arguments: tfidf with these {IN_FOLD} (InvalidParameterError: The 'C' pa"),
    ("table", {"model": "toy_nowhere:Net"}, "model: toy_nowhere:Net cannot be imported; is it spelt right and install"),
    ("table", {"model": "toy_model:Fin"}, "model: toy_model:Fin cannot be imported; is it spelt right and installed?"),
    ("table", {"model": "toy_wrong:Fine"}, "(ModuleNotFoundError: No module named 'nowhere_to_be_found', in "),
    ("table", {"model": "toy_syntax:Fine"}, "model: toy_syntax:Fine cannot be imported; is it spelt right and install"),
    ("table", {"model": "toy_model:value"}, "model: toy_model:value is not a class; name the class i"),
    ("table", {"model": "toy_model:NoFit"}, "model: toy_model:NoFit has no fit, so it is not a scikit-learn classif"),
    ("table", {"model": "toy_model:NoProbs"}, "model: toy_model:NoProbs has no predict_proba"),
    ("table", {"model": "sklearn.svm:SVC"}, f"model: sklearn.svm:SVC {SVC}"),
    ("table", {"model": "toy_model:Short"}, "model: toy_model:Short: predict_proba gives (19, 2) for the classes [0,"),
    ("table", {"model": "toy_model:Nans"}, "model: toy_model:Nans: predict_proba gives numbers that are not probabili"),
    ("table", {"model": "toy_model:Scores"}, "model: toy_model:Scores: predict_proba gives numbers that are not proba"),
    ("table", {"model": "toy_model:Fails"}, f"model: toy_model:Fails {IN_FOLD} (RuntimeError: no way at all, in "),
    ("table", {"model": "toy_net:Net"}, "model: toy_net:Net is a torch network, which is for pictures, and these are"),
    ("picture", {"model": "toy_net:Plain"}, "arguments: toy_net:Plain cannot be built with these and shape, n_classes"),
    ("picture", {"model": "toy_net:Wide"}, "model: toy_net:Wide gives (2, 3) for two pictures, where there must be a"),
    ("picture", {"model": "toy_net:Broken"}, "model: toy_net:Broken fails on pictures of shape (1, 8, 8) (RuntimeErro"),
    ("picture", {"model": "toy_net:Large"}, "model: 'toy_net:Large' takes images of 9×9 and up, these are 8×8"),
    ("picture", {"model": "toy_net:Net", "arguments": {"hiden": 1}}, "arguments: toy_net:Net: Net takes no hiden; all"),
    ("picture", {"model": "toy_net:Net", "arguments": {"hidden": "x"}}, "arguments: toy_net:Net cannot be built with"),
    ("table", {"model": ["auto", "cnn"]}, "model: 'cnn' is for pictures, and these are a table; give auto, logistic_"),
    ("picture", {"model": ["auto", "cnn"]}, "model: cnn is there twice with the same settings, which adds nothing; r"),
    ("picture", {"model": ["cnn", {"model": "cnn", "max_epochs": 12}]}, "model: cnn is there twice with the same set"),
    ("picture", {"model": ["cnn", "wide_cnn"], "arguments": {"size": 3}}, "there are size; remove them, or give them"),
    ("picture", {"model": ["cnn", {"model": FINE, "lr": 0.1}]}, f"model: lr: for networks alone, and {FINE} is none"),
    ("table", {"model": ["auto", FINE], "lr": 0.1}, f"boosting and extra_trees and {FINE} are none; re"),
    ("picture", {"model": ["cnn", "tutorial_cnn"], "max_epochs": 99}, "'tutorial_cnn' takes images of 10×10 and up,"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with modules of a user's own, which are imported anew."""
    for name, text in OWN.items():
        (tmp_path / name).write_text(text)
        monkeypatch.delitem(sys.modules, name.removesuffix(".py"), raising=False)
    return tmp_path


def write_kind(folder: Path, kind: str) -> np.ndarray:
    labels, content = make_digits(60)
    if kind != "picture":
        labels, texts = LABELS, ["a cat sits", "the dog barks"] * 30
        content = make_table({"a": LABELS + np.arange(60) / 100}) if kind == "table" else {"texts": texts}
    write_data(folder, labels, content, folds=np.arange(60)[:, None] // 20)
    return labels


@pytest.mark.parametrize(("kind", "section", "message"), MISTAKES)
def test_a_mistake_is_one_line(
    kind: str, section: dict[str, Any], message: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_kind(folder, kind)
    with pytest.raises(InputError) as caught:
        train(folder, monkeypatch, **section)
    said = str(caught.value)
    assert said.startswith("params.yaml: crossval_predict")
    assert message in said
    assert "\n" not in said


THREE = ["logistic_regression", "gradient_boosting", "extra_trees"]
CHOSEN: list[tuple[Kind, object, list[str]]] = [
    ("picture", "auto", ["cnn"]),
    ("text", "auto", ["tfidf"]),
    ("table", "auto", THREE),
    ("table", ["auto"], THREE),
    ("table", [FINE, "auto"], [FINE, *THREE]),
    ("table", "gradient_boosting", ["gradient_boosting"]),
]


@pytest.mark.parametrize(("kind", "model", "names"), CHOSEN)
def test_auto_takes_what_fits(kind: Kind, model: object, names: list[str]) -> None:
    section = SectionSettings.model_validate({"model": model, "seed": 3})
    section = resolve_auto(section, lambda: list_auto(kind, pretrained=False, pixels=True))
    chosen = choose_models(section, kind)
    assert [settings.model for settings in chosen] == name_models(section, chosen) == names
    assert {settings.seed for settings in chosen} == {3}


@pytest.mark.parametrize(
    ("kind", "pixels", "names"),
    [
        ("picture", False, ("embedding",)),
        ("picture", True, ("embedding", "cnn")),
        ("text", False, ("embedding", "tfidf")),
        ("table", False, ("embedding",)),
    ],
)
def test_auto_takes_pretrained_vectors_where_there_are_some(kind: Kind, pixels: bool, names: tuple[str, ...]) -> None:
    assert list_auto(kind, pretrained=True, pixels=pixels) == names


def test_every_key_is_known() -> None:
    assert {*NETWORK_KEYS, "pred_probs", "model", "arguments", "seed"} == set(SectionSettings.model_fields)


def test_probabilities_follow_the_order_of_the_classes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_kind(folder, "table")
    plain, swapped = (train(folder, monkeypatch, model=f"toy_model:{name}") for name in ("Fine", "Swapped"))
    assert plain.tobytes() == swapped.tobytes()


def test_a_network_of_ones_own_is_trained_as_the_others_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels, content = make_digits(600)
    write_data(folder, labels, content)
    section = {"model": "toy_net.Net", "max_epochs": 6, "batch_size": 16, "predict_shift": 1}
    pred_probs = train(folder, monkeypatch, **section)
    assert (pred_probs.argmax(axis=1) == labels).mean() > 0.8
    forget(folder)
    assert train(folder, monkeypatch, **section).tobytes() == pred_probs.tobytes()
    assert train(folder, monkeypatch, **section, arguments={"hidden": 8}).tobytes() != pred_probs.tobytes()


def test_a_class_that_is_left_out_leaves_a_network_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels, content = make_digits(600)
    trained = np.where(labels == 9, -1, labels)
    write_data(folder, labels, content, labels=trained)
    pred_probs = train(folder, monkeypatch, max_epochs=3, batch_size=16, validation=0.2)
    assert pred_probs.shape == (600, 10)
    assert (pred_probs.argmax(axis=1) == trained)[trained >= 0].mean() > 0.8
    assert pred_probs[:, 9].mean() < 0.05


PACKAGE = {
    "toypack/__init__.py": '"""Only a docstring."""\n',
    "toypack/models.py": "from .parts import Base\nimport toy_side\nclass Fine(Base):\n    rate = toy_side.RATE\n",
    "toypack/parts.py": "from sklearn.linear_model import LogisticRegression as Base\n",
    "toypack/unused.py": "RATE = 1\n",
    "toy_side.py": "RATE = 2\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "toypack").mkdir()
    for name, text in PACKAGE.items():
        (tmp_path / name).write_text(text)
    for name in ("toypack", "toypack.models", "toypack.parts", "toy_side"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_class_is_known_by_the_files_that_it_is_written_in(package: Path) -> None:
    origin = find_origin("toypack.models:Fine")
    assert origin.files == ("toy_side.py", "toypack/models.py", "toypack/parts.py")
    assert find_origin("toypack.models.Fine") == origin
    for name, other in (("toypack/unused.py", False), ("toy_side.py", True), ("toypack/parts.py", True)):
        with (package / name).open("a") as file:
            file.write("# edited\n")
        assert (find_origin("toypack.models:Fine") != origin) is other
        origin = find_origin("toypack.models:Fine")


def test_a_class_is_known_alike_in_the_folder_where_flipped_labels_are_trained_on(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = find_origin("toypack.models:Fine")
    (package / "elsewhere").mkdir()
    monkeypatch.chdir(package / "elsewhere")
    assert find_origin("toypack.models:Fine").content == origin.content
    (package / "toy_side.py").write_text("RATE = 3\n")
    assert find_origin("toypack.models:Fine").content != origin.content


def test_a_class_of_an_installed_package_is_known_by_its_version(package: Path) -> None:
    assert find_origin("cnn") == find_origin("tfidf") == Origin()
    assert find_origin("sklearn.svm:SVC").files == ()
    # the versions of these are part of every run's code
    assert find_origin("sklearn.svm:SVC").content == find_origin("sklearn.svm:NuSVC").content
    assert find_origin("cleanlab.classification:CleanLearning").content != find_origin("sklearn.svm:SVC").content


def test_a_module_that_dvc_does_not_watch_is_named(package: Path) -> None:
    origin = find_origin("toypack.models:Fine")
    check_listed(origin, "toypack.models:Fine")
    for deps, lines in [
        (["stages/params.py"], "add `- toy_side.py`, `- toypack/models.py`, `- toypack/parts.py`, where toypack.mod"),
        (["toypack"], "add `- toy_side.py`, where toypack.models:Fine is written; without that nothing would"),
        (["toypack/models.py", "toypack/parts.py", "toy_side.py"], None),
    ]:
        pipeline = {"stages": {"crossval_predict": {"foreach": [], "do": {"cmd": "", "deps": deps}}}}
        (package / "dvc.yaml").write_text(yaml.safe_dump(pipeline))
        if lines:
            with pytest.raises(InputError, match=r"dvc\.yaml: stages\.crossval_predict\.do\.deps: ") as caught:
                check_listed(origin, "toypack.models:Fine")
            assert lines in str(caught.value)
        else:
            check_listed(origin, "toypack.models:Fine")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of this repository, to add files to."""
    copy_working_tree(tmp_path / "copy")
    return tmp_path / "copy"


NETWORK = """
from torch import nn

LOSS = nn.CrossEntropyLoss

class Network(nn.Module):
    smallest_side = 1

    def __init__(self, shape, n_classes):
        super().__init__()
        c, h, w = shape
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(c * h * w, n_classes))

    def forward(self, images):
        return self.layers(images)
"""
ESTIMATOR = """
from sklearn.naive_bayes import GaussianNB as Classifier
from stages.crossval_predict.models.encoders import make_table_encoder

def make_defaults(columns, targets):
    return {"var_smoothing": 1e-6}

def make_encoder(columns, arguments):
    return make_table_encoder(columns, dense=True)
"""


@pytest.mark.parametrize(
    ("kind", "name", "text"), [("picture", "networks/toy_net", NETWORK), ("table", "tables/toy_bayes", ESTIMATOR)]
)
def test_a_model_that_ships_is_one_new_file(copy: Path, kind: Kind, name: str, text: str) -> None:
    write_kind(copy, kind)
    model = Path(name).name
    write_params(copy, model=model)
    assert f"{model}' is not allowed: give auto, cnn" in run_stage(copy, code=2)
    (copy / f"stages/crossval_predict/models/{name}.py").write_text(text)
    assert f"training {model} on cpu: 3 folds" in run_stage(copy)
    # the messages and the choices know it too
    other = "text" if kind == "table" else "table"
    write_params(copy, model={"text": "tfidf", "table": "gradient_boosting"}[other])
    assert f", {model}, " in run_stage(copy, code=2)


def run_stage(folder: Path, code: int = 0) -> str:
    return finish(start_training(folder, PYTHONPATH=str(folder)), code)


def test_a_changed_model_is_trained_anew_and_a_changed_message_is_not(copy: Path) -> None:
    write_kind(copy, "picture")
    write_params(copy, max_epochs=1)
    run_stage(copy)
    edit(copy / "stages/workers/progress.py", "{minutes} min", "{minutes} minutes")
    assert "3 of 3 folds kept from an earlier run" in run_stage(copy)
    edit(copy / "stages/crossval_predict/models/networks/wide_cnn.py", "WIDTHS = (16", "WIDTHS = (8")
    assert "kept from an earlier run" not in run_stage(copy)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_decides_predictions_knows_nothing_of_where_folds_are_trained() -> None:
    for path in (ROOT / "stages/crossval_predict/models").rglob("*.py"):
        assert "crossval_predict.folds" not in path.read_text(), path


def test_what_hands_out_the_work_imports_neither_torch_nor_scikit_learn() -> None:
    listing = "import sys, stages.crossval_predict.__main__; print({'torch', 'sklearn', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
