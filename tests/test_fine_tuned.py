"""A pretrained network that is trained further on pictures as they came, through the real stages."""

import importlib.util
import json
import re
import shutil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch

from stages.check.__main__ import check_block
from stages.command.errors import InputError
from stages.crossval_predict.folds.look import check_fine_tuned
from stages.crossval_predict.models.fine_tuned import PictureData
from stages.crossval_predict.models.fold import Fold
from stages.crossval_predict.models.training import FoldTraining
from stages.crossval_predict.settings import SectionSettings, Settings
from stages.workplace.place import open_workplace, read_training
from tests.pretrained import declare_operators
from tests.sources import Block, make_source, run, write_block
from tests.test_pretrained import write_textures

LACKING = [name for name in ("timm", "torchvision", "safetensors") if importlib.util.find_spec(name) is None]
needs_timm = pytest.mark.skipif(bool(LACKING), reason=f"not installed: {', '.join(LACKING)}")
COMMIT = "0" * 40
TINY: dict[str, Any] = {"model": "timm:tiny", "arguments": {"size": 32}, "max_epochs": 8, "batch_size": 5, "lr": 0.03}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one of timm's smallest networks, its weights drawn at random and its norms fitted to noise."""
    declare_operators()
    import timm
    from safetensors.torch import save_file

    torch.manual_seed(0)
    network = timm.create_model("test_efficientnet", pretrained=False, num_classes=10)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    network(torch.randn(64, 3, 32, 32))
    folder = tmp_path_factory.mktemp("networks") / "tiny"
    folder.mkdir()
    save_file(
        {name: tensor.contiguous() for name, tensor in network.state_dict().items()}, folder / "model.safetensors"
    )
    config = {key: network.pretrained_cfg[key] for key in ("input_size", "mean", "std", "crop_pct", "classifier")}
    about = {"architecture": "test_efficientnet", "num_classes": 10, "pretrained_cfg": config}
    (folder / "config.json").write_text(json.dumps(about))
    return folder


def prepare(folder: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring 60 pictures up to their folds, and the network beside them."""
    write_textures(folder / "textures", 0, 60)
    shutil.copytree(tiny, folder / "tiny")
    write(folder)
    for stage in ("check", "fetch", "preprocess", "embed", "split"):
        assert run(folder, stage, monkeypatch) == 0


def write(folder: Path, **section: Any) -> None:
    block: Block = {"fetch": {"sources": ["images:textures"]}, "split": {"folds": 2}}
    write_block(folder, block | {"crossval_predict": TINY | section})


@needs_timm
def test_a_network_learns_further_and_again_the_same(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(tmp_path, tiny, monkeypatch)
    pred_probs = tmp_path / "data/toy/predictions/pred_probs.npy"

    def train(**section: Any) -> tuple[bytes, str]:
        write(tmp_path, **section)
        capsys.readouterr()
        assert run(tmp_path, "crossval_predict", monkeypatch) == 0, capsys.readouterr().err
        return pred_probs.read_bytes(), capsys.readouterr().out

    train()
    labels = np.load(tmp_path / "data/toy/prepared/labels.npy")
    assert (np.load(pred_probs).argmax(axis=1) == labels).mean() > 0.9
    first, said = train(max_epochs=1)
    assert "training timm:tiny on cpu: 2 folds" in said
    shutil.rmtree(tmp_path / "data/toy/kept")
    assert train(max_epochs=1)[0] == first
    assert "2 of 2 folds kept" in train(max_epochs=1)[1]
    # another setting, and other weights under the same name
    changed, said = train(max_epochs=1, arguments={"size": 40})
    assert changed != first
    assert "kept" not in said
    weights = bytearray((tmp_path / "tiny/model.safetensors").read_bytes())
    weights[-2:] = b"\0\0"
    (tmp_path / "tiny/model.safetensors").write_bytes(weights)
    assert "kept" not in train(max_epochs=1)[1]
    both = ["embedding", {"model": "timm:tiny", "arguments": {"size": 32}}]
    assert "the average of embedding" in train(max_epochs=1, model=both, arguments={})[1]


@needs_timm
def test_pictures_in_arrays_are_taken_too(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    predict = {"model": f"timm:{tiny}", "arguments": {"size": 32}, "max_epochs": 1}
    write_block(tmp_path, make_source(tmp_path, "arrays") | {"crossval_predict": predict})
    for stage in ("fetch", "preprocess", "embed", "split", "crossval_predict"):
        assert run(tmp_path, stage, monkeypatch) == 0
    assert np.load(tmp_path / "data/toy/predictions/pred_probs.npy").shape == (12, 2)


def test_a_workplace_has_the_pictures_and_finds_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("tiny", "data/toy/prepared", "data/toy/raw"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data/toy/raw/pictures.zip").touch()
    models = ["cnn", "timm:tiny", {"model": "timm:tiny", "lr": 1}, f"timm:a/b@{COMMIT}"]
    write_block(tmp_path, {"crossval_predict": {"model": models}})
    path = f"timm:{tmp_path / 'tiny'}"
    found = read_training("toy", "flipped", "audited")["crossval_predict"]["model"]
    assert found == ["cnn", path, {"model": path, "lr": 1}, f"timm:a/b@{COMMIT}"]
    with open_workplace(Path("data/toy/prepared"), "toy", np.zeros(3, np.int64)) as folder:
        assert (folder / "data/toy/raw/pictures.zip").exists()
        assert (folder / "dvc.yaml").exists()


def begin(settings: Settings, state: dict[str, Any] | None = None) -> FoldTraining:
    """Begin on 25 grey pictures, of which the third of three classes has none to train on."""
    images, labels = np.random.default_rng(0).integers(0, 256, (25, 1, 20, 30), dtype=np.uint8), np.arange(25) % 2
    data = PictureData(images.__getitem__, torch.from_numpy(labels), settings, "cpu")
    return FoldTraining(data, Fold(0, 1, np.arange(17), np.arange(17, 25), 3), settings, "cpu", state)


@needs_timm
@pytest.mark.parametrize("schedule", ["one_cycle", "constant"])
def test_what_stops_after_an_epoch_goes_on_with_the_same_bytes(
    tiny: Path, schedule: Literal["one_cycle", "constant"]
) -> None:
    """Seventeen rows in steps of sixteen: no step has a single picture."""
    settings = Settings(
        model=f"timm:{tiny}", arguments={"size": 32}, max_epochs=2, batch_size=16, schedule=schedule, train_shift=4
    )
    whole, halves = begin(settings), begin(settings)
    rates = [group["lr"] for group in whole.classifier.optimizer_.param_groups]
    assert rates[0] * 10 == pytest.approx(rates[1])
    whole.train_epoch(), whole.train_epoch()
    halves.train_epoch()
    halves = begin(settings, halves.state())
    halves.train_epoch()
    for one, other in zip(whole.result(), halves.result(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_pretrained_network_has_defaults_of_its_own() -> None:
    models = ["cnn", {"model": f"timm:a/b@{COMMIT}", "lr": 0.5}]
    section = SectionSettings.model_validate({"model": models, "max_epochs": 7})
    cnn, timm = section.of_each()
    assert (cnn.lr, cnn.batch_size, cnn.max_epochs, cnn.train_shift) == (0.01, 32, 7, 0)
    assert (timm.lr, timm.batch_size, timm.max_epochs, timm.train_shift) == (0.5, 16, 7, 4)


PICTURES: dict[str, Any] = {"fetch": {"sources": ["images:pets"]}}
TABLE: dict[str, Any] = {"fetch": {"sources": ["csv:pets.csv"], "label": "a"}}


@pytest.mark.parametrize(
    ("block", "model", "said"),
    [
        (PICTURES, "timm:", "give auto, cnn"),
        (PICTURES, "timm:a/b@main", "give the 40 digits of a commit"),
        (PICTURES, "timm:a/b", "timm:a/b is neither a folder nor NAME@REVISION"),
        (PICTURES, "timm:./no", "timm:./no: there is no such folder; correct the path"),
        (PICTURES, "timm:empty", "'empty': empty has no model.safetensors; only weights in safetensors' format"),
        (TABLE, f"timm:a/b@{COMMIT}", f"timm:a/b@{COMMIT} is for pictures, and these are a table"),
        (TABLE | {"preprocess": {"text": "b"}}, "timm:empty", "timm:empty is for pictures, and these are texts"),
        (PICTURES, ["embedding", f"timm:a/b@{COMMIT}"], None),
    ],
)
def test_check_names_what_a_pretrained_network_lacks(
    block: dict[str, Any], model: Any, said: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stages.check.together.list_lacking", lambda prefix: [])
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/pytorch_model.bin").write_bytes(b"")
    _, mistakes = check_block("pets", block | {"crossval_predict": {"model": model}})
    assert len(mistakes) == bool(said)
    assert all(line.startswith("params.yaml: pets.crossval_predict.model: ") and str(said) in line for line in mistakes)


def test_check_names_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stages.check.together.list_lacking", lambda prefix: ["timm", "torchvision"])
    _, mistakes = check_block("pets", PICTURES | {"crossval_predict": {"model": f"timm:a/b@{COMMIT}"}})
    (line,) = mistakes
    assert line.endswith("needs timm, torchvision, not installed; pip install -r requirements-embed.txt")


@needs_timm
@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"arguments": {"size": 8}}, "arguments: size: 8: give the pictures' side in pixels, 16 or more"),
        ({"arguments": {"size": "224"}}, "arguments: size: '224': give the pictures' side in pixels"),
        ({"arguments": {"width": 8}}, "Network takes no width; allowed: size"),
        ({"arguments": {"size": 32}, "train_shift": 32}, "train_shift: 32 pixels would move a picture of 32×32 away"),
    ],
)
def test_what_a_network_cannot_take_is_one_line(tiny: Path, section: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        check_fine_tuned(2, Settings(model=f"timm:{tiny}", **section))
